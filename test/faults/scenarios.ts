// The actions that faults happen to, each with the situation it is for.
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionRequest } from '../../electron/contract/action.ts'
import { enqueuer, job } from '../adapters/celery/queue-stage.ts'
import { seedRuns } from '../support/crawl-tables.ts'
import { QUEUE, type World } from './world.ts'

export interface Scenario {
  readonly name: string
  /** Default: recordings. */
  readonly kind?: 'recordings' | 'crawl'
  seed(world: World): Promise<void>
  request(world: World): Promise<ActionRequest>
  /** Messages that the action sends are new; of any other, a message that was not there before is one too many. */
  readonly sends?: boolean
  /** An undo sends messages under new ids: their number is compared, not their bytes. */
  readonly renames?: boolean
}

const PRIORITY_3 = '\x06\x163'

/** Two priorities, most messages twice or more: several steps of a sort. */
async function fillQueue(world: World): Promise<void> {
  await world.push('', ...Array.from({ length: 620 }, (_, i) => (i % 7 === 0 ? enqueuer() : job(i % 40))))
  await world.push(PRIORITY_3, ...Array.from({ length: 30 }, (_, i) => job(i % 9)))
}

const on = (action: ActionRequest['action'], more: Partial<ActionRequest> = {}): ActionRequest => ({
  ...{ action, system: 'calls', target: 'all', params: {} },
  ...more,
})

async function addRows(world: World): Promise<Record<string, string>> {
  const states = ['queued', 'processing', 'failed', 'failed', 'failed', 'done'] as const
  const ids: Record<string, string> = {}
  for (const [n, status] of states.entries()) {
    const id = randomUUID()
    ids[`${status}-${n}`] = id
    await world.database.pool.query(
      `INSERT INTO recordings (id, file_name, file_path, status, error_message, retry_count, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() - interval '2 hours', now() - interval '1 hour')`,
      [
        id,
        `call-${n}.wav`,
        join(world.folder, `call-${n}.wav`),
        status,
        status === 'failed' ? 'Max retries exceeded' : null,
        n,
      ],
    )
  }
  return ids
}

const rows = (name: string, request: ActionRequest): Scenario => ({
  name,
  seed: async (world) => void (await addRows(world)),
  request: async () => request,
})

const queue = (name: string, action: ActionRequest['action']): Scenario => ({
  name,
  seed: fillQueue,
  request: async () => on(action, { params: { queue: QUEUE } }),
})

export const scenarios: readonly Scenario[] = [
  queue('purge-queue', 'purge-queue'),
  queue('deduplicate-queue', 'deduplicate-queue'),
  queue('collapse-periodic', 'collapse-periodic'),
  rows('retry-jobs', on('retry-jobs')),
  rows('skip-jobs', on('skip-jobs')),
  rows('fail-jobs', on('fail-jobs', { params: { reason: 'by hand' } })),
  rows('release-jobs', on('release-jobs')),
  {
    name: 'revoke-task',
    seed: (world) => world.push('', ...Array.from({ length: 6 }, (_, i) => job(i, { headers: { id: `task-${i}` } }))),
    request: async () => on('revoke-task', { target: ['task-1', 'task-4'] }),
    renames: true,
  },
  {
    name: 'enqueue-now',
    async seed(world) {
      await world.busyWorker()
      await addRows(world)
    },
    async request(world) {
      const { rows: waiting } = await world.database.pool.query<{ id: string }>(
        `SELECT id::text FROM recordings WHERE status = 'queued'`,
      )
      return on('enqueue-now', { target: waiting.map(({ id }) => id) })
    },
    sends: true,
  },
  {
    name: 'retry-runs',
    kind: 'crawl',
    async seed(world) {
      await world.busyWorker()
      await seedRuns(
        world.database.pool,
        [1, 2, 3].map((n) => ({ n, status: 'failed', completedMin: 10, task: `old-${n}`, error: '403 Forbidden' })),
      )
    },
    request: async () => ({ ...on('retry-jobs'), system: 'crawl' }),
    sends: true,
  },
  {
    name: 'take-over-job',
    async seed(world) {
      await world.database.pool.query(
        `INSERT INTO unjam.worker (id, host, pid, slots, threads, model) VALUES ($1, 'tower', 1, 1, 1, 'tiny')
         ON CONFLICT (id) DO UPDATE SET beat_at = now()`,
        ['11111111-1111-4111-8111-111111111111'],
      )
      await addRows(world)
      for (const n of [0, 1]) writeFileSync(join(world.folder, `call-${n}.wav`), 'RIFF')
    },
    async request(world) {
      const { rows: open } = await world.database.pool.query<{ id: string }>(
        `SELECT id::text FROM recordings WHERE status IN ('queued', 'processing')`,
      )
      return on('take-over-job', { target: open.map(({ id }) => id) })
    },
  },
  {
    name: 'set-env',
    seed: async () => undefined,
    request: async () => on('set-env', { params: { TASK_TIMEOUT_SECONDS: '7200' } }),
  },
]
