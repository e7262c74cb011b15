// Runbook 0 and 1 in Redis: 93 messages of which 90 enqueuers, what workers hold, what past attempts left.
import type {
  Message,
  MessagePage,
  MessageQuery,
  Queue,
  QueueGroup,
  QueueJobs,
  QueueJobsQuery,
} from '../../electron/contract/queue.ts'
import type { Worker } from '../../electron/contract/snapshot.ts'
import type {
  JobLedgers,
  ResultPage,
  ResultQuery,
  ResultSummary,
  Task,
  TaskResult,
} from '../../electron/contract/task.ts'
import { BASE, iso, LONG_JOB, MINUTE, type Scenario, STARTED } from './fixture-time.ts'

export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'
export const PROCESS = 'app.worker.tasks.process_recording'
const CRAWL = 'apps.sources.tasks.crawl_source'
const DAY = 24 * 60 * MINUTE

const group = (task: string | null, messages: number, fields: Partial<QueueGroup> = {}): QueueGroup => ({
  task,
  messages,
  jobs: null,
  duplicates: 0,
  origins: ['gen7@beat-1'],
  seenMs: 2 * 60 * MINUTE + 58 * MINUTE,
  ...fields,
})

export const queue = (name: string, messages: number, fields: Partial<Queue> = {}): Queue => ({
  name,
  messages,
  unacked: 0,
  priorities: messages === 0 ? [] : [{ priority: 0, messages }],
  groups: [],
  read: messages,
  consumers: 1,
  paused: false,
  ...fields,
})

/** 93 messages, and one that its worker has taken and not acknowledged. */
export const callQueues = (): Queue[] => [
  queue('celery', 93, {
    unacked: 1,
    priorities: [
      { priority: 0, messages: 91 },
      { priority: 3, messages: 2 },
    ],
    groups: [
      group(ENQUEUE, 90),
      group(PROCESS, 3, { jobs: 2, duplicates: 1, origins: ['gen13@worker-1'], seenMs: 3 * 60 * MINUTE }),
    ],
  }),
]

export const crawlQueues = (): Queue[] => [
  queue('crawl', 6, { consumers: 0, groups: [group(CRAWL, 6, { origins: ['gen2@web-1'], seenMs: 22 * MINUTE })] }),
  queue('default', 0, { consumers: 1 }),
]

/** A million messages while they are being read, a paused queue, a queue nobody consumes, bodies nobody can read. */
export const stormQueues = (now: number): Queue[] => {
  const read = Math.min(999_999, 418_000 + Math.floor((now - BASE) / 1000) * 26_000)
  return [
    queue('celery', 1_000_000, {
      unacked: 4,
      read,
      priorities: [
        { priority: 0, messages: 940_000 },
        { priority: 3, messages: 50_000 },
        { priority: 9, messages: 10_000 },
      ],
      groups: [
        group(PROCESS, Math.round(read * 0.8), { jobs: Math.round(read * 0.6), duplicates: Math.round(read * 0.2) }),
        group(ENQUEUE, Math.round(read * 0.17), { origins: ['gen7@beat-1', 'gen9@old-server'] }),
        group(null, Math.round(read * 0.03), { jobs: null, origins: [], seenMs: 4 * MINUTE }),
      ],
    }),
    queue('priority', 12, { paused: true, consumers: 0, groups: [group(PROCESS, 12, { jobs: 12 })] }),
    queue('exports', 40, { consumers: null, unacked: null, groups: [group('app.worker.tasks.export', 40)] }),
  ]
}

export const celeryWorker = (name: string, fields: Partial<Worker> = {}): Worker => ({
  id: name,
  name,
  kind: 'celery',
  state: 'running',
  because: null,
  host: name.split('@')[1] ?? name,
  pid: 4711,
  slots: 1,
  busy: 0,
  threads: 8,
  model: '/models/ggml-small.bin',
  speed: 0.29,
  beatAt: null,
  beatAgeMs: 2000,
  startedAt: iso(STARTED - 9 * 60 * MINUTE),
  queues: ['celery'],
  prefetched: 0,
  pool: 'prefork',
  ...fields,
})

/** Every state a Celery worker can be in, each with its evidence. */
export const stormWorkers = (): Worker[] => [
  celeryWorker('celery@worker-1', { busy: 1, slots: 2, prefetched: 4 }),
  celeryWorker('celery@worker-2', {
    state: 'busy',
    busy: 1,
    pool: 'solo',
    because:
      'It runs process_recording in its only thread, so it cannot answer until that ends; its heartbeat is 2 s old.',
  }),
  celeryWorker('celery@worker-3', {
    state: 'not-consuming',
    queues: [],
    because: 'It answers, but has taken nothing for 12 min although 1,000,000 messages wait.',
  }),
  celeryWorker('celery@worker-4', {
    state: 'hung',
    beatAgeMs: 1000,
    because: 'It sends heartbeats, but has not answered 3 control commands; its control connection is stuck.',
  }),
  celeryWorker('celery@worker-5', {
    state: 'frozen',
    busy: 1,
    beatAgeMs: 4 * MINUTE,
    prefetched: null,
    because: 'Its connection to Redis is open, but it neither answers nor sends heartbeats: its process is stopped.',
  }),
  celeryWorker('celery@worker-6', {
    state: 'lost',
    beatAgeMs: 47 * MINUTE,
    queues: null,
    prefetched: null,
    pool: null,
    because: 'It has no connection to Redis, and its last heartbeat was 47 min ago.',
  }),
]

const task = (id: string, fields: Partial<Task> = {}): Task => ({
  id,
  name: PROCESS,
  job: null,
  worker: 'celery@worker-1',
  state: 'active',
  startedAt: iso(STARTED),
  elapsedMs: BASE - STARTED,
  eta: null,
  queue: 'celery',
  args: "['e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29']",
  timeLimitMs: null,
  redelivered: false,
  ...fields,
})

export const callTasks = (now: number): Task[] => [
  task('9f1c77d2-8a10-4d55-9f0e-0a5a2c9b1111', { job: LONG_JOB, elapsedMs: now - STARTED }),
]
export const stormTasks = (now: number): Task[] => [
  ...callTasks(now),
  task('1b2c77d2-8a10-4d55-9f0e-0a5a2c9b2222', {
    worker: 'celery@worker-2',
    job: 'queued-1',
    elapsedMs: now - BASE + 8 * MINUTE,
    timeLimitMs: 30 * MINUTE,
    redelivered: true,
  }),
  task('3d4c77d2-8a10-4d55-9f0e-0a5a2c9b3333', { name: ENQUEUE, state: 'reserved', startedAt: null, elapsedMs: null }),
]

const failedIds = ['failed-0', 'failed-1', 'failed-2', 'failed-3']
const failure = (n: number): TaskResult => ({
  id: `5a${String(n).padStart(2, '0')}77d2-8a10-4d55-9f0e-0a5a2c9b4444`,
  outcome: 'failed',
  task: PROCESS,
  job: n >= 20 ? null : (failedIds[n % 4] ?? null),
  jobFrom: n >= 20 ? null : n % 3 === 0 ? 'worker log' : 'result',
  exception: n === 7 ? 'WorkerLostError' : 'TimeLimitExceeded',
  message: n === 7 ? 'Worker exited prematurely: signal 9 (SIGKILL) Job: 12.' : '1800',
  traceback:
    'Traceback (most recent call last):\n  File "billiard/pool.py", line 684, in on_hard_timeout\n    raise TimeLimitExceeded(job._timeout)\nbilliard.einfo.TimeLimitExceeded: TimeLimitExceeded(1800,)',
  endedAt: iso(BASE - (21 * 60 + n * 31) * MINUTE),
  worker: 'celery@archive-1',
  retries: n % 4,
  expiresMs: n === 22 ? null : DAY - n * 31 * MINUTE,
})

/** Runbook 1: 23 failed attempts are 4 failed recordings. */
export const archiveResults: ResultSummary = {
  running: 0,
  retried: 12,
  done: 212,
  failed: 23,
  cancelled: 0,
  failedJobs: 4,
  failedUnknown: 3,
  withoutExpiry: 1,
  failures: Array.from({ length: 23 }, (_, n) => failure(n)),
}
export const noResults: ResultSummary = {
  ...archiveResults,
  retried: 0,
  done: 48,
  failed: 0,
  failedJobs: 0,
  failedUnknown: 0,
  withoutExpiry: 0,
  failures: [],
}

function message(n: number, scenario: Scenario, where: Message['where']): Message {
  const opaque = scenario === 'storm' && n % 33 === 32
  const job = n === 0 || n === 4 ? 'queued-0' : n === 9 ? 'queued-1' : null
  const isJob = scenario === 'storm' ? n % 6 !== 5 : job !== null
  const name = isJob ? PROCESS : ENQUEUE
  const own = scenario === 'storm' ? `queued-${n % 20}` : job
  return {
    id: opaque ? null : `c${String(n).padStart(3, '0')}4b1e-2f5a-4c47-8e0f-7f1f6f0d${String(n).padStart(4, '0')}`,
    tag: `t-${where}-${n}`,
    task: opaque ? null : name,
    job: opaque || !isJob ? null : own,
    args: opaque ? '' : isJob ? `["${own}"], {}` : '[], {}',
    retries: opaque ? null : n === 4 ? 2 : 0,
    eta: n === 4 ? iso(BASE + 3 * MINUTE) : null,
    expires: null,
    priority: n > 90 ? 3 : 0,
    position: where === 'queue' ? n : null,
    where,
    bytes: 874 - (n % 40),
    origin: opaque ? null : 'gen7@beat-1',
    redelivered: where === 'unacked' && n === 1,
    seenMs: n === 0 ? 3 * 60 * MINUTE : (90 - Math.min(89, n)) * 2 * MINUTE,
    opaque: opaque ? 'pickle' : null,
  }
}

export function messagesOf(scenario: Scenario, query: MessageQuery): MessagePage {
  const isCalls = query.system === 'calls' && query.queue === 'celery'
  const total = query.where === 'unacked' ? (isCalls ? (scenario === 'storm' ? 4 : 1) : 0) : isCalls ? 93 : 0
  const whole = query.where === 'queue' && isCalls && scenario === 'storm' ? 5000 : total
  const kept = Array.from({ length: whole }, (_, n) => message(n, scenario, query.where))
    .filter(({ task: name }) => query.task == null || name === query.task)
    .filter(({ job }) => query.job == null || job === query.job)
  const from = Number(query.cursor ?? 0)
  const next = from + query.limit
  return { messages: kept.slice(from, next), cursor: next < kept.length ? String(next) : null }
}

export function queueJobsOf(scenario: Scenario, { system, queue, limit }: QueueJobsQuery): QueueJobs {
  const { messages } = messagesOf(scenario, { system, queue, where: 'queue', limit: 5000 })
  const jobs = [...Map.groupBy(messages, ({ job }) => job)].flatMap(([job, of]) =>
    job === null || of[0] === undefined
      ? []
      : [
          {
            ...{ job, task: of[0].task, messages: of.length },
            ...{ position: of[0].position ?? 0, priority: 0, seenMs: of[0].seenMs },
          },
        ],
  )
  return { jobs: jobs.sort((a, b) => b.messages - a.messages).slice(0, limit), different: jobs.length }
}

export function resultsOf(query: ResultQuery): ResultPage {
  const all = query.system === 'archive' && query.outcome === 'failed' ? archiveResults.failures : []
  const from = Number(query.cursor ?? 0)
  const next = from + query.limit
  return { results: all.slice(from, next), cursor: next < all.length ? String(next) : null }
}

/** The job in the broker's books; null where there is no broker. */
export function ledgersOf(scenario: Scenario, system: string, id: string): JobLedgers | null {
  if (system === 'local' || system === 'qc') return null
  const none: JobLedgers = { messages: [], tasks: [], results: [], mismatches: [], unread: [] }
  if (system === 'crawl')
    return { ...none, unread: ['Redis (redis://redis:6379/0) could not be read: the connection was refused.'] }
  const results = system === 'archive' ? archiveResults.failures.filter(({ job }) => job === id) : []
  if (id === 'done-1')
    return {
      ...none,
      messages: [{ ...message(0, scenario, 'queue'), job: id, args: `["${id}"], {}` }],
      mismatches: [
        {
          kind: 'leftover-message',
          sentence:
            'The job is done, but 1 message for it still waits: a worker that takes it would transcribe it again.',
        },
      ],
    }
  if (id === LONG_JOB) return { ...none, tasks: callTasks(BASE), messages: [message(0, scenario, 'unacked')] }
  return {
    ...none,
    messages: messagesOf(scenario, { system, queue: 'celery', where: 'queue', job: id, limit: 10 }).messages,
    results,
  }
}
