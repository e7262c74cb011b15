// Runbook 2: dead heartbeats, duplicate messages, results without expiry, and a second scheduler that was forgotten.
import { randomUUID } from 'node:crypto'
import type { Incident } from './incident.ts'
import { seedDone, seedRecordings } from './recording-rows.ts'
import { ENQUEUE, envOf, PROCESS, type RecordingsStage, stageRecordings } from './recordings-stage.ts'

const MINUTE = 60_000
const SPEED = 0.4
const HUNG_MIN = 41
const QUEUED = 14
/** Of an old configuration: each of these was sent so often. */
const DUPLICATED = { jobs: 9, times: 4 }
const FOREVER = 1240

export const queueCleanup: Incident = {
  name: 'queue-cleanup',
  title: 'Jobs say “processing”, and nobody works on them',
  summary:
    'Two heartbeats older than 15 minutes, a hung worker, duplicate messages, two schedulers, results that never expire.',
  attempt: 'Release the two jobs, cut the worker’s hung connection, and clean the queue.',
  runbook: 2,
  stage: (parts) =>
    stageRecordings(parts, {
      system: 'queue',
      speed: SPEED,
      workerCpu: 0.2,
      env: envOf('WORKER_CONCURRENCY=2'),
      more: [
        {
          ...{ service: 'beat-old', image: 'app-beat:2025-11', uses: ['REDIS_URL'] },
          ...{ memoryBytes: 61 * 1024 * 1024, startedMs: parts.clock.nowMs() - 71 * 24 * 60 * MINUTE },
        },
      ],
      prepare: (stage) => prepare(stage, parts.clock.nowMs()),
    }),
}

async function prepare({ database: { pool }, broker, world }: RecordingsStage, nowMs: number): Promise<void> {
  const done = await seedDone(pool, { n: 412, lastMin: HUNG_MIN, everyMin: 23, speed: SPEED })
  world.voice.did('app-worker-1', PROCESS, done)
  const stuck = await seedRecordings(pool, [
    {
      ...{ name: 'Call recording 7719_211102_081144.m4a', seconds: 1260, status: 'processing' },
      ...{ createdMin: 90, startedMin: 52, updatedMin: HUNG_MIN },
    },
    {
      ...{ name: 'Call recording 7733_211102_090218.m4a', seconds: 840, status: 'processing' },
      ...{ createdMin: 88, startedMin: 47, updatedMin: HUNG_MIN - 2 },
    },
  ])
  const queued = await seedRecordings(
    pool,
    Array.from({ length: QUEUED }, (_, n) => ({
      name: `Call recording ${7750 + n * 11}_211102_1${n % 10}3${n % 6}07.m4a`,
      ...{ seconds: 170 + ((n * 71) % 260), status: 'queued' as const, createdMin: 70 - n },
    })),
  )
  const tasks = stuck.map((job) => ({
    ...{ id: randomUUID(), name: PROCESS, job, args: `('${job}',)`, queue: 'celery', raw: null },
    ...{ startedMs: nowMs - 50 * MINUTE, timeLimitMs: null },
  }))
  world.hire({
    name: 'celery@worker-1',
    slots: 2,
    queues: ['celery'],
    state: 'hung',
    silentMs: nowMs - HUNG_MIN * MINUTE,
    startedMs: nowMs - 26 * 60 * MINUTE,
    tasks,
  })
  const send = (name: string, args: readonly string[], origin: string) =>
    broker.lists.send({ id: randomUUID(), name, args, queue: 'celery', origin })
  for (let n = 0; n < DUPLICATED.times; n++)
    for (const id of queued.slice(0, DUPLICATED.jobs)) send(PROCESS, [id], 'gen21@worker-1')
  for (let n = 0; n < HUNG_MIN; n++) send(ENQUEUE, [], n % 2 === 0 ? 'gen1@beat-1' : 'gen1@beat-old-1')
  for (let n = 0; n < FOREVER; n++)
    broker.results.ended({
      ...{ id: `old-${n}`, outcome: 'done', task: PROCESS, job: null, worker: 'celery@worker-1' },
      ...{ endedMs: nowMs - (2000 + n) * MINUTE, forever: true },
    })
}
