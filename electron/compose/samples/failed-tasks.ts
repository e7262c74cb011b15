// Runbook 1: a 30-minute limit ended four long files again and again; 23 failed attempts against 4 failed recordings.
import { randomUUID } from 'node:crypto'
import type { Incident } from './incident.ts'
import { MAX_RETRIES, seedDone, seedRecordings } from './recording-rows.ts'
import { envOf, PROCESS, type RecordingsStage, stageRecordings } from './recordings-stage.ts'

const MINUTE = 60_000
/** At half of real time the longest takes 136 minutes: 14400 s fit, 7200 s do not. */
const SPEED = 0.5
/** One sweep marked all four: one `updated_at`. */
const SWEPT_MIN = 42
const failed = {
  ...{ status: 'failed' as const, retries: MAX_RETRIES, error: 'Max retries exceeded' },
  ...{ createdMin: 900, startedMin: 90, updatedMin: SWEPT_MIN },
}
const VICTIMS = [
  {
    id: 'c85b90e2-c37c-4267-944d-f4559a326e29',
    name: 'Call recording 3014_190910_221233.m4a',
    seconds: 61 * 60 + 12,
    attempts: 6,
  },
  {
    id: 'ab167b5a-39b5-4608-bb90-c409c36b142b',
    name: 'Call recording +18134353769_200301_171119.m4a',
    seconds: 68 * 60 + 4,
    attempts: 6,
  },
  {
    id: '4fc36bcc-db3b-4c1c-b125-847075e7e86a',
    name: 'Call recording 0586469010_200609_165234.m4a',
    seconds: 60 * 60 + 31,
    attempts: 6,
  },
  {
    id: 'b52da034-03ee-4563-a495-5564da9ce738',
    name: 'Call recording 086230762_200923_143109.m4a',
    seconds: 38 * 60 + 20,
    attempts: 5,
  },
]

export const failedTasks: Incident = {
  name: 'failed-tasks',
  title: 'Long recordings fail, and a retry fails again',
  summary: 'Four recordings of 38–68 minutes under a limit of 1800 s: “Max retries exceeded”, 23 failed attempts.',
  attempt: 'Remove the limit, then retry the four: first the limit, or the retry ends there again.',
  runbook: 1,
  stage: (parts) =>
    stageRecordings(parts, {
      system: 'failed',
      speed: SPEED,
      workerCpu: 0.3,
      env: envOf('WORKER_CONCURRENCY=1', 'TASK_TIMEOUT_SECONDS=1800'),
      prepare: (stage) => prepare(stage, parts.clock.nowMs()),
    }),
}

async function prepare({ database: { pool }, broker, world }: RecordingsStage, nowMs: number): Promise<void> {
  const done = await seedDone(pool, { n: 1069, lastMin: 6, everyMin: 19, speed: SPEED })
  world.voice.did('app-worker-1', PROCESS, done)
  await seedRecordings(
    pool,
    VICTIMS.map((victim) => ({ ...victim, ...failed })),
  )
  // Half an hour each, the last ended where the sweep began.
  const attempts = VICTIMS.flatMap(({ id, attempts: n }) => Array.from({ length: n }, () => id))
  for (const [n, job] of attempts.entries())
    broker.results.ended({
      ...{ id: randomUUID(), outcome: 'failed', task: PROCESS, job, worker: 'celery@worker-1' },
      ...{ exception: 'TimeLimitExceeded', message: '1800', endedMs: nowMs - (SWEPT_MIN + n * 31) * MINUTE },
    })
}
