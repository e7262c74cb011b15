// Runbook 0: one 63-minute file holds the only worker; 1069 done, 20 queued, 93 messages wait, nothing has failed.
import { randomUUID } from 'node:crypto'
import type { Incident } from './incident.ts'
import { type SeedRecording, seedDone, seedRecordings } from './recording-rows.ts'
import { ENQUEUE, envOf, PROCESS, type RecordingsStage, stageRecordings } from './recordings-stage.ts'

const MINUTE = 60_000
/** It was started three hours ago; at 0.29 × its 63 minutes take 217, so it will end in 37. */
const RUNNING_MIN = 180
const SPEED = 0.29
const LONG: SeedRecording & { readonly id: string } = {
  id: 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',
  name: 'Call recording 5454_210513_095857.m4a',
  seconds: 3780.882,
  ...{ status: 'processing', createdMin: 200, startedMin: RUNNING_MIN, updatedMin: 0.5 },
}
const DONE = 1069
const QUEUED = 20
/** Every 2 minutes for three hours, and the first three recordings behind them. */
const ENQUEUERS = 90

export const stuckAt1069: Incident = {
  name: 'stuck-at-1069',
  title: 'Nothing finishes, and nothing has failed',
  summary: '1069 done for three hours, 20 queued, one 63-minute recording in work, 93 messages in the queue.',
  attempt: 'Add a worker slot and watch the queue drain beside the long recording.',
  runbook: 0,
  stage: (parts) =>
    stageRecordings(parts, {
      system: 'calls',
      speed: SPEED,
      workerCpu: 99.2,
      env: envOf('WORKER_CONCURRENCY=1', '# TASK_TIMEOUT_SECONDS=7200'),
      prepare: (stage) => prepare(stage, parts.clock.nowMs()),
    }),
}

async function prepare({ database: { pool }, broker, world }: RecordingsStage, nowMs: number): Promise<void> {
  const done = await seedDone(pool, { n: DONE, lastMin: RUNNING_MIN + 1, everyMin: 20, speed: SPEED })
  world.voice.did('app-worker-1', PROCESS, done)
  await seedRecordings(pool, [LONG])
  const queued = await seedRecordings(
    pool,
    Array.from({ length: QUEUED }, (_, n) => ({
      name: `Call recording ${2210 + n * 37}_210513_1${n % 10}4${n % 6}12.m4a`,
      ...{ seconds: 190 + ((n * 53) % 240), status: 'queued' as const, createdMin: 178 - n },
    })),
  )
  const startedMs = nowMs - RUNNING_MIN * MINUTE
  const task = {
    ...{ id: randomUUID(), name: PROCESS, job: LONG.id, args: `('${LONG.id}',)`, queue: 'celery', raw: null },
    ...{ startedMs, timeLimitMs: null },
  }
  world.hire({
    name: 'celery@worker-1',
    slots: 1,
    queues: ['celery'],
    startedMs: nowMs - 26 * 60 * MINUTE,
    tasks: [task],
  })
  world.holds(task, LONG.seconds)
  world.voice.begins('app-worker-1', task, LONG, startedMs)
  const send = (name: string, args: readonly string[], origin: string) =>
    broker.lists.send({ id: randomUUID(), name, args, queue: 'celery', origin })
  for (const id of queued.slice(0, 3)) send(PROCESS, [id], 'gen21@worker-1')
  for (let n = 0; n < ENQUEUERS; n++) send(ENQUEUE, [], 'gen1@beat-1')
}
