// What a diagnosis costs: every rule over a snapshot with 200 running jobs and 100,000 messages.
import type { Message } from '../../electron/contract/queue.ts'
import type { AttemptBar } from '../../electron/contract/snapshot.ts'
import { diagnose } from '../../electron/core/diagnose.ts'
import { forecast } from '../../electron/core/expected-ends.ts'
import type { Facts } from '../../electron/core/facts.ts'
import { reconcile } from '../../electron/core/reconcile.ts'
import { rules } from '../../electron/core/rules/index.ts'
import { facts } from '../support/facts.ts'
import { ago, counts, HOUR, known, MINUTE, NOW, runningJob, worker } from '../support/snapshot-builders.ts'
import { celeryWorker, failedJob, group, queue, results, service, task } from '../support/stack-builders.ts'
import type { Table } from './run.ts'

const RUNNING = 200
const MESSAGES = 100_000
const TARGET_MS = 50
/** As many messages as the ledgers read at once (core/read-reconciliation.ts). */
const READ = 2000
const RUNS = 15

/** Target: the whole of it under 50 ms of CPU. */
export async function diagnosis(): Promise<Table> {
  const many = world()
  const parts: readonly (readonly [string, () => unknown])[] = [
    ['every rule', () => diagnose([many], rules, fail)],
    ['forecast of every running job and the queue', () => forecast(sourcesOf(many))],
    [`ledgers compared, ${READ} messages`, () => reconcile(books)],
  ]
  const rows = parts.map(([name, work]) => [name, ...measure(work)])
  const whole = measure(() => {
    for (const [, work] of parts) work()
  })
  return {
    title: `Diagnosis of one system, ${RUNNING} running jobs, ${MESSAGES.toLocaleString('en')} messages (CPU, median and worst of ${RUNS})`,
    columns: ['', 'median', 'worst', 'target'],
    rows: [...rows.map((row) => [...row, '']), ['all together', ...whole, `< ${TARGET_MS} ms`]],
  }
}

function measure(work: () => unknown): string[] {
  work()
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }).sort((a, b) => a - b)
  return [times[Math.floor(RUNS / 2)] ?? 0, times.at(-1) ?? 0].map((ms) => `${ms.toFixed(1)} ms`)
}

function fail(where: string, error: unknown): never {
  throw new Error(where, { cause: error })
}

const running = Array.from({ length: RUNNING }, (_, n) =>
  runningJob({ id: `job-${n}`, audioMs: (n % 63) * MINUTE, heartbeatAgeMs: (n % 20) * MINUTE, elapsedMs: n * MINUTE }),
)
const failed = Array.from({ length: 200 }, (_, n) => failedJob({ id: `failed-${n}`, audioMs: (n % 68) * MINUTE }))
const tasks = running.map(({ id }, n) => task({ id: `task-${n}`, job: id, worker: `celery@w-${n % 20}` }))
const bars: AttemptBar[] = Array.from({ length: 200 }, (_, n) => ({
  ...{ job: `done-${n}`, title: `done-${n}`, worker: `celery@w-${n % 20}`, outcome: 'done' },
  ...{ startedAt: ago(2 * HOUR), endedAt: ago((n % 60) * MINUTE), audioMs: 4 * MINUTE },
}))
const books = {
  ...{ counts: counts({ queued: 5000, running: RUNNING, failed: 200 }), allMessages: false, periodic: 90 },
  ...{ tasks, allTasks: true, results: results({ failed: 900 }), failures: [], enqueuedWithinMs: 270_000 },
  jobs: new Map([...running, ...failed].map((job) => [job.id, job])),
  messages: Array.from({ length: READ }, (_, n): Message => messageOf(n)),
}

function messageOf(n: number): Message {
  return {
    ...{ id: `m-${n}`, tag: `t-${n}`, task: 'app.worker.tasks.process_recording', job: `job-${n % 300}`, args: '' },
    ...{ retries: 0, eta: null, expires: null, priority: 0, position: n, where: 'queue', bytes: 900 },
    ...{ origin: null, redelivered: false, seenMs: 1000, opaque: null },
  }
}

function world(): Facts {
  const groups = Array.from({ length: 20 }, (_, n) =>
    group({ messages: 5000, jobs: 4000, duplicates: 1000, task: `app.t${n}` }),
  )
  return facts(
    {
      counts: known(counts({ queued: 5000, running: RUNNING, done: 1069, failed: 200 })),
      ...{
        running: known(running),
        tasks: known(tasks),
        attempts: known(bars),
        results: known(results({ failed: 900 })),
      },
      workers: known(
        Array.from({ length: 20 }, (_, n) => celeryWorker({ name: `celery@w-${n}`, slots: 10, busy: 10 })),
      ),
      queues: known([queue({ messages: MESSAGES, read: MESSAGES, groups })]),
      services: known(Array.from({ length: 30 }, (_, n) => service({ container: `app-${n}` }))),
    },
    {
      failures: known(failed),
      log: known({
        errors: Array.from({ length: 20 }, () => ({ at: NOW, container: 'app-1', text: 'ERROR something' })),
        failures: failed.slice(0, 50).map(({ id }) => ({ job: id, error: 'TimeLimitExceeded(1800)' })),
      }),
      ledgers: known({ system: 'calls', unread: [], ...reconcile(books) }),
    },
  )
}

/** Bars of their own each time: what was learned of a reading is remembered (core/forecast.ts). */
function sourcesOf({ now, system, heartbeatLimitMs }: Facts) {
  const of = <T>(reading: { status: string; value?: T }) => reading.value ?? null
  return {
    nowMs: Date.parse(now),
    ...{
      running,
      bars,
      throughput: of(system.throughput),
      workers: [worker({ slots: 10 })],
      counts: of(system.counts),
    },
    meanAudioMs: 4 * MINUTE,
    heartbeatLimitMs,
  }
}
