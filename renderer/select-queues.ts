// What the Queues screen derives: every queue of every broker, the chosen one by task, attempts against jobs.
import type { Queue, QueueGroup } from '../electron/contract/queue.ts'
import type { SystemSnapshot } from '../electron/contract/snapshot.ts'
import type { ResultSummary } from '../electron/contract/task.ts'
import { ago, count, duration, percent, time, whole } from './format.ts'
import type { LiveState } from './live.ts'
import type { QueuesRoute } from './route.ts'
import { coreNow, defaultSystem, grown, type Level, lastValue, readAt, type Shown, shown } from './select.ts'

export interface QueueRow {
  readonly system: string
  readonly name: string
  readonly level: Level
  /** What its glyph says, in words. */
  readonly note: string
  readonly queue: Queue
  readonly lost: Shown<unknown>['lost']
}

/** One broker that cannot be read and never could: its queues are unknown, not none. */
export interface BlindBroker {
  readonly system: string
  readonly because: string
}

export interface QueuesModel {
  /** No system has a broker at all. */
  readonly none: boolean
  readonly rows: readonly QueueRow[]
  readonly blind: readonly BlindBroker[]
  readonly chosen: ChosenQueue | null
}

export interface ChosenQueue extends QueueRow {
  readonly groups: readonly GroupRow[]
  readonly results: Shown<ResultSummary>
  readonly attempts: string
  /** “read 2 s ago”. */
  readonly read: string
  /** Changes when its messages or results may have changed. */
  readonly revision: string
  readonly now: number
}

export function selectQueues(state: LiveState, nowMs: number, route: QueuesRoute): QueuesModel {
  const now = coreNow(state, nowMs)
  const systems = state.snapshot?.systems.filter(({ queues }) => queues !== null) ?? []
  const rows = systems.flatMap((system) => rowsOf(system, now))
  const blind = systems.flatMap(({ id, queues }) =>
    queues?.status === 'unknown' && queues.last === null ? [{ system: id, because: queues.failure.because }] : [],
  )
  const at = choose(rows, route, defaultSystem(state.snapshot))
  const system = systems.find(({ id }) => id === at?.system)
  const chosen = at === undefined || system === undefined ? null : chosenQueue(at, system, now)
  return { none: state.snapshot !== null && systems.length === 0, rows, blind, chosen }
}

/** The one in the address; else the longest of the system that has a finding, else of all. */
function choose(rows: readonly QueueRow[], route: QueuesRoute, first: string): QueueRow | undefined {
  const system = route.system ?? first
  const own = rows.filter((row) => row.system === system)
  const named = own.find(({ name }) => name === route.queue)
  const longest = (own.length > 0 ? own : rows).toSorted((a, b) => b.queue.messages - a.queue.messages)
  return named ?? longest[0]
}

function rowsOf(system: SystemSnapshot, now: number): QueueRow[] {
  if (system.queues === null) return []
  const { value, lost } = shown(system.queues, now)
  return (value ?? []).map((queue) => ({
    system: system.id,
    name: queue.name,
    ...(lost === null ? stateOf(queue) : { level: 'unknown' as const, note: `last known ${ago(lost.ageMs)}` }),
    queue,
    lost,
  }))
}

function stateOf(queue: Queue): { level: Level; note: string } {
  if (queue.paused) return { level: 'warning', note: 'paused through Unjam' }
  if (queue.consumers === 0 && queue.messages > 0) return { level: 'critical', note: 'no worker consumes it' }
  if (queue.consumers === null) return { level: 'unknown', note: 'consumers unknown: the workers do not answer' }
  if (queue.read < queue.messages)
    return { level: 'info', note: `being read, ${percent(queue.read, queue.messages)} % of ${whole(queue.messages)}` }
  return { level: 'clear', note: queue.messages === 0 ? 'empty' : '' }
}

/** “91 at 0, 2 at 3”: which steps hold messages; nothing where all wait at the usual one. */
export function prioritiesText({ priorities }: Queue): string {
  if (priorities.length === 0 || priorities.every(({ priority }) => priority === 0)) return ''
  return priorities.map(({ priority, messages }) => `${whole(messages)} at ${priority}`).join(', ')
}

export interface GroupRow {
  readonly task: string | null
  /** The last part of its name. */
  readonly short: string
  readonly messages: string
  /** Of all messages that were read; 0–100. */
  readonly share: number
  readonly jobs: string
  readonly duplicates: number
  readonly origins: readonly string[]
  readonly seen: string
}

export function shortTask(task: string): string {
  return task.split('.').at(-1) ?? task
}

function groupRow(group: QueueGroup, queue: Queue, read: string, now: number): GroupRow {
  const seen = grown(group.seenMs, read, now)
  return {
    task: group.task,
    short: group.task === null ? 'cannot be read' : shortTask(group.task),
    messages: whole(group.messages),
    share: queue.read === 0 ? 0 : Math.min(100, (group.messages / queue.read) * 100),
    jobs: group.jobs === null ? '–' : whole(group.jobs),
    duplicates: group.duplicates,
    origins: group.origins,
    // Unjam was not there when they came: they are at least that old.
    seen: seen === null ? '–' : `≥ ${duration(seen)}`,
  }
}

function chosenQueue(row: QueueRow, system: SystemSnapshot, now: number): ChosenQueue {
  const read = system.queues === null ? new Date(now).toISOString() : readAt(system.queues)
  const results: Shown<ResultSummary> =
    system.results === null ? { value: null, lost: null } : shown(system.results, now)
  return {
    ...row,
    groups: row.queue.groups.map((group) => groupRow(group, row.queue, read, now)),
    results,
    attempts: results.value === null ? '' : attemptsText(results.value, lastValue(system.counts)?.failed ?? null),
    read: row.lost === null ? `read ${ago(now - time(read))}` : `last known ${ago(row.lost.ageMs)}`,
    revision: JSON.stringify([row.queue.messages, row.queue.unacked, row.queue.read, results.value?.failed]),
    now,
  }
}

/** Runbook 1: “23 failed” counts runs; the database counts recordings. Which number to believe, in one line. */
export function attemptsText(results: ResultSummary, failedInDatabase: number | null): string {
  const { failed, failedJobs, failedUnknown, withoutExpiry } = results
  if (failed === 0) return 'No failed attempt is on record. Each is kept for as long as its key exists.'
  const named = failed - failedUnknown
  const parts = [
    failedInDatabase !== null && failedInDatabase !== failed
      ? `${count(failedInDatabase, 'job')}, not ${whole(failed)}: each failed attempt is counted here, also those that were retried.`
      : `${count(failed, 'failed attempt')}.`,
    `${whole(named)} belong to ${count(failedJobs, 'job')}${failedUnknown === 0 ? '.' : `; ${whole(failedUnknown)} ${failedUnknown === 1 ? 'names' : 'name'} none.`}`,
    withoutExpiry === 0 ? '' : `${count(withoutExpiry, 'key')} never ${withoutExpiry === 1 ? 'expires' : 'expire'}.`,
  ]
  return parts.filter(Boolean).join(' ')
}

/** Its consumers were taken away, or it never had one: they can be told to take it. */
export function isConsumable(queue: Queue): boolean {
  return queue.paused || queue.consumers === 0
}

/** Why a press would do nothing: said before it is made. Null: it may do something. */
export function nothingToDo(action: string, queue: Queue): string | null {
  if (['enqueue-now', 'pause-queue', 'resume-queue'].includes(action)) return null
  if (queue.messages === 0) return 'The queue is empty.'
  if (
    action === 'deduplicate-queue' &&
    queue.read >= queue.messages &&
    queue.groups.every(({ duplicates }) => duplicates === 0)
  )
    return 'No job has more than one message.'
  return null
}
