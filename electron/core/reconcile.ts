// Database, broker, workers and past attempts side by side: what agrees, and each disagreement with its jobs.
import type { Job } from '../contract/job.ts'
import type { Discrepancy, LedgerNumber, Reconciliation } from '../contract/proof.ts'
import type { Message } from '../contract/queue.ts'
import type { Task } from '../contract/task.ts'
import { grouped, type LedgerBooks, nameOf } from './ledger-books.ts'
import { mapAttempts } from './map-attempts.ts'
import { count, plural } from './wording.ts'

/** Two beats of the stack and one on its way (runbook 2): a job that is silent for longer may wait to be given out again. */
const ALIVE_MS = 5 * 60_000
/** A worker may have taken it while the ledgers were read one after the other. */
const SETTLED_MS = 60_000
const MOST_JOBS = 20

export function reconcile(books: LedgerBooks): Omit<Reconciliation, 'system' | 'unread'> {
  const discrepancies = [
    ...runningTwice(books),
    ...runsUnrecorded(books),
    ...runningWithoutWorker(books),
    ...queuedWithoutMessage(books),
    ...leftoverMessages(books),
    ...messagesOfRunning(books),
    ...severalMessages(books),
  ]
  return {
    numbers: numbersOf(books),
    discrepancies,
    agreements: agreementsOf(books, discrepancies),
    attempts: mapAttempts(books),
  }
}

function numbersOf({ counts, messages, periodic, tasks, results, allMessages }: LedgerBooks): LedgerNumber[] {
  const row = (ledger: LedgerNumber['ledger'], label: string, value: number | null) => ({ ledger, label, value })
  const messagesIn = (where: Message['where']) =>
    messages === null || !allMessages ? null : messages.filter((one) => one.where === where).length
  const held = (state: Task['state'][]) => tasks?.filter((task) => state.includes(task.state)).length ?? null
  return [
    row('database', 'Queued jobs', counts?.queued ?? null),
    row('database', 'Running jobs', counts?.running ?? null),
    row('database', 'Done jobs', counts?.done ?? null),
    row('database', 'Failed jobs', counts?.failed ?? null),
    row('broker', 'Messages for jobs', messagesIn('queue')),
    row('broker', 'Messages of periodic tasks', periodic),
    row('broker', 'Taken, not acknowledged', messagesIn('unacked')),
    row('workers', 'Tasks at work', held(['active'])),
    row('workers', 'Tasks held for later', held(['reserved', 'scheduled'])),
    row('attempts', 'Failed attempts (Flower)', results?.failed ?? null),
    row('attempts', 'Done attempts', results?.done ?? null),
  ]
}

function runningTwice({ tasks, jobs }: LedgerBooks): Discrepancy[] {
  const workers = grouped(activeOf(tasks), ({ job }) => job)
  const twice = [...workers].flatMap(([job, own]) => (own.length > 1 ? [job] : []))
  return discrepancy(
    'running-twice',
    twice,
    jobs,
    (n) => `${count(n, 'job')} ${has(n)} more than one task at work on it.`,
  )
}

function runsUnrecorded({ tasks, jobs }: LedgerBooks): Discrepancy[] {
  if (jobs === null) return []
  const ids = [...grouped(activeOf(tasks), ({ job }) => job).keys()]
  const wrong = ids.filter((id) => {
    const state = jobs.get(id)?.state
    return state !== undefined && state !== 'running'
  })
  return discrepancy(
    'runs-unrecorded',
    wrong,
    jobs,
    (n) => `Workers run ${count(n, 'job')} that the database does not call running.`,
  )
}

/** Rows of Unjam's own workers name their worker; a parent of crawl runs has no task of its own. */
function runningWithoutWorker({ tasks, allTasks, jobs }: LedgerBooks): Discrepancy[] {
  if (tasks === null || !allTasks || jobs === null) return []
  const held = new Set(activeOf(tasks).map(({ job }) => job))
  const alone = [...jobs.values()].filter(
    (job) => job.state === 'running' && job.worker === null && job.children == null && !held.has(job.id),
  )
  return discrepancy(
    'running-without-worker',
    alone.map(({ id }) => id),
    jobs,
    (n) => `${count(n, 'job')} ${plural(n, 'says', 'say')} running, but no worker has ${plural(n, 'it', 'them')}.`,
  )
}

/** Needs every message and every worker: one may be on its way between the two. */
function queuedWithoutMessage(books: LedgerBooks): Discrepancy[] {
  const { messages, allMessages, tasks, allTasks, jobs, enqueuedWithinMs } = books
  if (messages === null || !allMessages || tasks === null || !allTasks || jobs === null) return []
  const named = new Set([...messages, ...tasks].map(({ job }) => job))
  const lost = [...jobs.values()].filter(
    (job) => job.state === 'queued' && (job.waitingMs ?? 0) > enqueuedWithinMs && !named.has(job.id),
  )
  return discrepancy(
    'queued-without-message',
    lost.map(({ id }) => id),
    jobs,
    (n) => `${count(n, 'queued job')} ${has(n)} no message: ${until(n, books.periodic)}.`,
  )
}

function leftoverMessages({ messages, jobs }: LedgerBooks): Discrepancy[] {
  if (messages === null || jobs === null) return []
  const waiting = messages.filter(({ where }) => where === 'queue')
  const ids = [...grouped(waiting, ({ job }) => job).keys()]
  const over = ids.filter((id) => ['done', 'failed', 'skipped'].includes(jobs.get(id)?.state ?? ''))
  const nothing = ids.filter((id) => !jobs.has(id))
  return [
    ...discrepancy(
      'leftover-message',
      over,
      jobs,
      (n) =>
        `Messages wait for ${count(n, 'job')} that ${plural(n, 'has', 'have')} ended: a worker would run ${plural(n, 'it', 'them')} again.`,
    ),
    ...discrepancy(
      'message-of-nothing',
      nothing,
      jobs,
      (n) => `Messages wait for ${count(n, 'job')} that the database does not have.`,
    ),
  ]
}

/** Where messages are acknowledged when work begins, one that waits is another run. Unjam's own worker is fenced. */
function messagesOfRunning({ messages, jobs }: LedgerBooks): Discrepancy[] {
  if (messages === null || jobs === null) return []
  const again = [...grouped(messages, ({ job }) => job)].flatMap(([id, own]) => {
    const job = jobs.get(id)
    // Several are told as such.
    return own.length === 1 && own[0]?.where === 'queue' && job !== undefined && isAtWork(job) ? [id] : []
  })
  return discrepancy(
    'message-of-running',
    again,
    jobs,
    (n) => `Messages wait for ${count(n, 'job')} that ${plural(n, 'runs', 'run')} already: each would be one more run.`,
  )
}

function isAtWork(job: Job): boolean {
  if (job.state !== 'running' || job.worker !== null || job.children != null) return false
  return (job.elapsedMs ?? 0) > SETTLED_MS && job.heartbeatAgeMs !== null && job.heartbeatAgeMs < ALIVE_MS
}

/** A message in its queue and one in a worker's hands are two runs; a prefetched one is itself among the taken. */
function severalMessages({ messages, jobs }: LedgerBooks): Discrepancy[] {
  const several = [...grouped(messages ?? [], ({ job }) => job)].flatMap(([job, own]) =>
    own.length > 1 && own.some(({ where }) => where === 'queue') ? [job] : [],
  )
  return discrepancy(
    'several-messages',
    several,
    jobs,
    (n) => `${count(n, 'job')} ${has(n)} several messages: each would be a run.`,
  )
}

function agreementsOf(books: LedgerBooks, found: readonly Discrepancy[]): string[] {
  const { counts, messages, allMessages, tasks, allTasks, jobs } = books
  const not = (...kinds: Discrepancy['kind'][]) => !found.some(({ kind }) => kinds.includes(kind))
  const lines: string[] = []
  if (counts === null || jobs === null) return lines
  const complete = messages !== null && allMessages && tasks !== null && allTasks
  if (complete && counts.queued > 0 && not('queued-without-message', 'several-messages'))
    lines.push(`${count(counts.queued, 'queued job')}: none is without its message or lately queued.`)
  if (
    tasks !== null &&
    allTasks &&
    counts.running > 0 &&
    not('running-without-worker', 'running-twice', 'runs-unrecorded')
  )
    lines.push(`${count(counts.running, 'running job')}: each has its worker.`)
  if (messages !== null && messages.length > 0 && not('leftover-message', 'message-of-nothing', 'message-of-running'))
    lines.push(
      `${count(messages.length, 'message')} for jobs${allMessages ? '' : ' read so far'}: each job is still to be done.`,
    )
  return lines
}

function activeOf(tasks: readonly Task[] | null): readonly Task[] {
  return tasks?.filter(({ state }) => state === 'active') ?? []
}

function discrepancy(
  kind: Discrepancy['kind'],
  ids: readonly string[],
  jobs: LedgerBooks['jobs'],
  sentence: (n: number) => string,
): Discrepancy[] {
  if (ids.length === 0) return []
  const named = ids.slice(0, MOST_JOBS).map((id) => nameOf(id, jobs))
  return [{ kind, sentence: sentence(ids.length), count: ids.length, jobs: named }]
}

const has = (n: number) => plural(n, 'has', 'have')

/** Runbook 0: the enqueuer itself waits behind the long job, and will send them all when its turn comes. */
function until(n: number, periodic: number | null): string {
  return periodic !== null && periodic > 0
    ? `the enqueuer that waits sends ${plural(n, 'it', 'them')} when a worker is free`
    : `nothing starts ${plural(n, 'it', 'them')} until ${plural(n, 'it is', 'they are')} enqueued`
}
