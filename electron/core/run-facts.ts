// Where a crawl run is, by the second witness: what workers and queues say of the task that its row names.
import type { Evidence } from '../contract/finding.ts'
import type { Job } from '../contract/job.ts'
import type { Worker } from '../contract/snapshot.ts'
import { tasksNow } from './broker-facts.ts'
import { type Facts, now, row } from './facts.ts'
import { liveWorkers } from './heartbeat.ts'
import { count, duration, plural } from './wording.ts'

/** `nobody` and `taken` are only said when everybody answered; one silent worker makes it `unknown`. */
export type Whereabouts = 'active' | 'held' | 'waits' | 'taken' | 'nobody' | 'unknown'

/** Workers that may hold a task and do not say so. */
const SILENT: readonly Worker['state'][] = ['busy', 'hung', 'frozen', 'unknown']
/** More tasks than this are not told (core/watch-parts.ts): the list proves nothing then. */
const TOLD = 200

export function whereIs(facts: Facts, run: Job): Whereabouts {
  const tasks = tasksNow(facts)
  const task = tasks.find(({ id, job }) => job === run.id || (run.task != null && id === run.task))
  if (task !== undefined) return task.state === 'active' ? 'active' : 'held'
  const runs = facts.runs === null ? null : now(facts.runs)
  const waiting = runs?.waiting ?? null
  if (waiting?.includes(run.id) === true) return 'waits'
  if (waiting === null || silence(facts) !== null) return 'unknown'
  return runs?.taken.includes(run.id) === true ? 'taken' : 'nobody'
}

/** Why the workers' word is not the whole truth; null when all of them answered. */
function silence(facts: Facts): string | null {
  const { tasks, workers } = facts.system
  if (tasks === null) return 'no broker is configured'
  const known = now(tasks)
  const all = now(workers)
  if (known === null || all === null) return 'the workers cannot be asked'
  if (known.length >= TOLD) return 'they hold more tasks than are listed'
  const silent = all.find(({ kind, state }) => kind === 'celery' && SILENT.includes(state))
  return silent === undefined ? null : `${silent.name} does not answer`
}

/** Of a parent: its children have all ended, and there is one at least. */
export function isOver({ children }: Job): boolean {
  return children != null && children.total > 0 && children.active === 0
}

const words: Readonly<Record<Whereabouts, string>> = {
  active: 'a worker is on it',
  held: 'a worker holds its task and has not begun',
  waits: 'its message waits in a queue',
  taken: 'a worker that is gone took its message',
  nobody: 'no worker has it, no message waits',
  unknown: 'whether a worker has it is unknown',
}

/** Who was asked where a run is: “All workers answered”, or that there is none to ask. */
export function asked(facts: Facts): string {
  return liveWorkers(facts)?.length === 0 ? 'No worker is alive' : 'All workers answered'
}

/** When the broker hands out again what a dead worker took: kombu's hour, unless a worker's configuration says otherwise. */
export function comesBack(facts: Facts, n: number): string {
  const delivery = facts.delivery === null ? null : now(facts.delivery)
  const after = duration(delivery?.visibilityTimeoutMs ?? 60 * 60_000)
  return `The broker hands the ${plural(n, 'message', 'messages')} out again ${after} after ${plural(n, 'it was', 'they were')} taken.`
}

/** One row for each run, at most five, and what the workers said. */
export function runRows(facts: Facts, runs: readonly Job[], ageOf: (run: Job) => number): Evidence[] {
  return [
    ...runs
      .slice(0, 5)
      .map((run) =>
        row(
          facts,
          run.title,
          `${run.state === 'queued' ? 'pending' : 'running'} for ${duration(ageOf(run))}, ${words[whereIs(facts, run)]}`,
          'database',
          run.state === 'running' || facts.runs === null ? facts.system.running : facts.runs,
        ),
      ),
    witnessRow(facts),
  ]
}

function witnessRow(facts: Facts): Evidence {
  const because = silence(facts)
  const celery = (now(facts.system.workers) ?? []).filter(({ kind, state }) => kind === 'celery' && state !== 'lost')
  const text =
    because === null
      ? celery.length === 0
        ? 'none is alive'
        : `${count(celery.length, 'worker')} asked, ${count(tasksNow(facts).length, 'task')} held`
      : `unknown: ${because}`
  return row(facts, 'Workers', text, 'worker', facts.system.tasks ?? undefined)
}

/** “One run has been running for 75 min.”, “3 runs have been running for up to 75 min.” */
export function runsHaveBeen(what: 'running' | 'pending', n: number, longestMs: number): string {
  const age = duration(longestMs)
  return n === 1 ? `One run has been ${what} for ${age}.` : `${n} runs have been ${what} for up to ${age}.`
}
