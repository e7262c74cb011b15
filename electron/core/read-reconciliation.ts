// Reads the ledgers of one system within bounds; one that cannot be read, or only in part, says so and proves less.
import { sentence, toFailure } from '../contract/failure.ts'
import type { Job, JobQuery } from '../contract/job.ts'
import type { Reconciliation } from '../contract/proof.ts'
import type { Message, Queue } from '../contract/queue.ts'
import { isPeriodic } from './broker-facts.ts'
import type { LedgerBooks } from './ledger-books.ts'
import { needed } from './missing-part.ts'
import type { Broker } from './ports/broker.ts'
import type { JobSystem } from './ports/jobs.ts'
import type { System } from './ports/system.ts'
import { reconcile } from './reconcile.ts'
import { number } from './wording.ts'

const MESSAGES = 2000
const PAGE = 500
const JOBS = 500
const FAILURES = 500
/** Workers that may hold a task and do not say so. */
const SILENT = ['busy', 'hung', 'frozen', 'unknown']

export async function readReconciliation(system: System, signal: AbortSignal): Promise<Reconciliation> {
  const broker = needed(system, 'broker', 'Compare the ledgers')
  const { jobs } = system
  const unread: string[] = []
  const read = <T>(tried: string, work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      unread.push(sentence(toFailure(error, tried)))
      return null
    })
  const [counts, listed, queued, tasks, workers, results, failures] = await Promise.all([
    read('Count the jobs', jobs.counts(signal)),
    read('Read the jobs', listedJobs(jobs, signal)),
    read('Read the messages', readMessages(broker, signal)),
    read('Read the tasks', broker.control.tasks(signal)),
    read('Read the workers', broker.control.workers(signal)),
    read('Count the past attempts', broker.results.summary(signal)),
    read(
      'Read the failed attempts',
      broker.results.page({ system: system.id, outcome: 'failed', limit: FAILURES }, signal),
    ),
  ])
  const silent = workers?.filter(({ state }) => SILENT.includes(state)) ?? []
  for (const { name } of silent) unread.push(`${name} does not answer: what it holds is unknown.`)
  if (queued !== null && !queued.all)
    unread.push(
      `Only the first ${number(queued.messages.length)} messages were read: what is absent from them may come later.`,
    )
  const named = [...(queued?.messages ?? []), ...(tasks ?? []), ...(failures?.results ?? [])].flatMap(
    ({ job }) => job ?? [],
  )
  const all =
    listed === null ? null : await read('Read the jobs that messages name', withNamed(jobs, listed, named, signal))
  const books: LedgerBooks = {
    counts,
    jobs: all,
    messages: queued?.messages ?? null,
    allMessages: queued?.all ?? false,
    periodic: queued?.periodic ?? null,
    tasks,
    allTasks: workers !== null && silent.length === 0,
    results,
    failures: failures?.results ?? null,
    enqueuedWithinMs: 2 * broker.app.enqueueSeconds * 1000 + 30_000,
  }
  return { system: system.id, ...reconcile(books), unread }
}

/** The oldest queued, the running, the latest failed. */
async function listedJobs(jobs: JobSystem, signal: AbortSignal): Promise<readonly Job[]> {
  const page = (state: 'queued' | 'failed', descending: boolean): JobQuery => ({
    ...{ system: jobs.id, state, search: '', cursor: null },
    ...{ sort: state === 'queued' ? 'created' : 'updated', descending, limit: JOBS },
  })
  const [queued, running, failed] = await Promise.all([
    jobs.page(page('queued', false), signal),
    jobs.running(JOBS, signal),
    jobs.page(page('failed', true), signal),
  ])
  return [...queued.jobs, ...running, ...failed.jobs]
}

async function withNamed(
  jobs: JobSystem,
  listed: readonly Job[],
  named: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Job>> {
  const all = new Map(listed.map((job) => [job.id, job]))
  const missing = [...new Set(named)].filter((id) => !all.has(id))
  const rows = missing.length === 0 ? [] : await jobs.rows({ kind: 'ids', ids: missing }, missing.length, signal)
  for (const { id, job } of rows) all.set(id, job)
  return all
}

async function readMessages(broker: Broker, signal: AbortSignal) {
  const queues = await broker.queues.queues(signal)
  const messages: Message[] = []
  let all = true
  for (const queue of queues)
    for (const where of ['queue', 'unacked'] as const) {
      const found = await readQueue(broker, queue, where, MESSAGES - messages.length, signal)
      messages.push(...found.messages)
      all &&= found.all
    }
  const groups = queues.flatMap((queue) => queue.groups.filter(isPeriodic))
  const periodic = queues.every(({ read, messages: n }) => read >= n)
    ? groups.reduce((sum, group) => sum + group.messages, 0)
    : null
  return { messages, all, periodic }
}

async function readQueue(
  { queues, app }: Broker,
  queue: Queue,
  where: Message['where'],
  most: number,
  signal: AbortSignal,
) {
  const messages: Message[] = []
  const count = where === 'queue' ? queue.messages : queue.unacked
  let cursor: string | null = null
  let looked = 0
  if (count === 0) return { messages, all: true }
  while (looked < most) {
    const page: { messages: Message[]; cursor: string | null } = await queues.messages(
      { system: '', queue: queue.name, where, limit: PAGE, cursor },
      signal,
    )
    looked += PAGE
    messages.push(...page.messages.filter(({ job, task }) => job !== null || task === app.jobTask))
    cursor = page.cursor
    if (cursor === null) return { messages, all: true }
  }
  return { messages, all: false }
}
