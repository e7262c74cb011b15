// Database, broker, workers and past attempts side by side: what agrees, and each disagreement with its jobs.
import type { Job } from '../contract/job.ts'
import type { Discrepancy, LedgerNumber, Reconciliation } from '../contract/proof.ts'
import type { Message } from '../contract/queue.ts'
import type { Counts } from '../contract/snapshot.ts'
import type { ResultSummary, Task, TaskResult } from '../contract/task.ts'
import { count, number, plural } from './wording.ts'

/** Each part is null when its ledger could not be read: it proves nothing then, neither by words nor by silence. */
export interface LedgerBooks {
  readonly counts: Counts | null
  /** Jobs that the messages, tasks or the state pages name, by id; an id that is missing is no job. */
  readonly jobs: ReadonlyMap<string, Job> | null
  /** Messages of the job task, waiting or unacknowledged. */
  readonly messages: readonly Message[] | null
  /** Every message was read: only then does it mean anything that one is absent. */
  readonly allMessages: boolean
  /** Messages of periodic tasks. */
  readonly periodic: number | null
  readonly tasks: readonly Task[] | null
  /** Every worker answered. */
  readonly allTasks: boolean
  readonly results: ResultSummary | null
  /** Failed attempts, newest first. */
  readonly failures: readonly TaskResult[] | null
  /** Younger queued jobs may simply not have been enqueued yet. */
  readonly enqueuedWithinMs: number
}

const MOST_JOBS = 20
const MOST_MAPPED = 50

export function reconcile(books: LedgerBooks): Omit<Reconciliation, 'system' | 'unread'> {
  const discrepancies = [
    ...runningTwice(books),
    ...runsUnrecorded(books),
    ...runningWithoutWorker(books),
    ...queuedWithoutMessage(books),
    ...leftoverMessages(books),
    ...severalMessages(books),
  ]
  return {
    numbers: numbersOf(books),
    discrepancies,
    agreements: agreementsOf(books, discrepancies),
    attempts: attemptsOf(books),
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
  if (messages !== null && messages.length > 0 && not('leftover-message', 'message-of-nothing'))
    lines.push(
      `${count(messages.length, 'message')} for jobs${allMessages ? '' : ' read so far'}: each job is still to be done.`,
    )
  return lines
}

function attemptsOf({ results, failures, counts, jobs }: LedgerBooks): Reconciliation['attempts'] {
  if (results === null || failures === null) return null
  const mapped = [...grouped(failures, ({ job }) => job)]
    .map(([id, own]) => ({ ...nameOf(id, jobs), attempts: own.length, state: jobs?.get(id)?.state ?? null }))
    .sort((a, b) => b.attempts - a.attempts || (a.id < b.id ? -1 : 1))
  const named = mapped.reduce((sum, { attempts }) => sum + attempts, 0)
  const failed = counts?.failed ?? null
  return {
    failedAttempts: results.failed,
    failedJobs: failed,
    sentence: attemptsText(results.failed, failed, mapped.length, named),
    jobs: mapped.slice(0, MOST_MAPPED),
    unnamed: Math.max(0, results.failed - named),
  }
}

function attemptsText(attempts: number, failed: number | null, jobs: number, named: number): string {
  if (attempts === 0) return 'No failed attempt is on record: their keys live for a day.'
  const head = `Flower counts ${count(attempts, 'failed attempt')}; the database has ${failed === null ? 'an unknown number of failed jobs' : count(failed, 'failed job')}.`
  if (jobs === 0) return `${head} None of the attempts names its job.`
  const share = named === attempts ? 'all of them' : `${number(named)} of them`
  return `${head} ${count(jobs, 'job')} ${plural(jobs, 'accounts', 'account')} for ${share}; believe the database.`
}

function activeOf(tasks: readonly Task[] | null): readonly Task[] {
  return tasks?.filter(({ state }) => state === 'active') ?? []
}

/** By job; what names none is left out. */
function grouped<T>(all: readonly T[], jobOf: (one: T) => string | null): Map<string, T[]> {
  const by = new Map<string, T[]>()
  for (const one of all) {
    const job = jobOf(one)
    if (job === null) continue
    const own = by.get(job)
    if (own === undefined) by.set(job, [one])
    else own.push(one)
  }
  return by
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

function nameOf(id: string, jobs: LedgerBooks['jobs']): { id: string; title: string | null } {
  return { id, title: jobs?.get(id)?.title ?? null }
}

const has = (n: number) => plural(n, 'has', 'have')

/** Runbook 0: the enqueuer itself waits behind the long job, and will send them all when its turn comes. */
function until(n: number, periodic: number | null): string {
  return periodic !== null && periodic > 0
    ? `the enqueuer that waits sends ${plural(n, 'it', 'them')} when a worker is free`
    : `nothing starts ${plural(n, 'it', 'them')} until ${plural(n, 'it is', 'they are')} enqueued`
}
