// One job in four ledgers: its row, its messages, the task that holds it, its past attempts; and where they disagree.
import type { Job } from '../contract/job.ts'
import type { Message } from '../contract/queue.ts'
import type { Mismatch, Task, TaskResult } from '../contract/task.ts'
import { count, plural } from './wording.ts'

/** Each may be null: a ledger that could not be read proves nothing, neither by what it says nor by its silence. */
export interface Ledgers {
  readonly messages: readonly Message[] | null
  readonly tasks: readonly Task[] | null
  readonly results: readonly TaskResult[] | null
}

/** Every disagreement about this job, gravest first; nothing is said that unread ledgers could explain. */
export function mismatchesOf(job: Job, { messages, tasks, results }: Ledgers): readonly Mismatch[] {
  const waiting = messages?.filter(({ where }) => where === 'queue') ?? null
  const held = messages?.filter(({ where }) => where === 'unacked') ?? null
  const active = tasks?.filter(({ state }) => state === 'active') ?? null
  const later = tasks?.filter(({ state }) => state !== 'active') ?? null
  return [
    ...runningTwice(active),
    ...ofState(job, { waiting, held, active, later }),
    ...severalMessages(waiting, held),
    ...attemptsAgainstRow(job, results),
  ]
}

interface Parts {
  readonly waiting: readonly Message[] | null
  readonly held: readonly Message[] | null
  readonly active: readonly Task[] | null
  readonly later: readonly Task[] | null
}

function ofState(job: Job, parts: Parts): readonly Mismatch[] {
  switch (job.state) {
    case 'queued':
      return [...runsThough('queued', parts), ...queuedWithoutMessage(parts)]
    case 'running':
      // A parent's own task ends once its children are on their way.
      return job.worker === null && job.children == null ? runningWithoutWorker(parts) : []
    case 'done':
    case 'failed':
    case 'skipped':
      return [...runsThough(job.state, parts), ...messageThough(job.state, parts)]
  }
}

function runningTwice(active: Parts['active']): readonly Mismatch[] {
  if (active === null || active.length < 2) return []
  const workers = [...new Set(active.map(({ worker }) => worker))]
  return [
    mismatch('running-twice', `${count(active.length, 'task')} work on this job at once, on ${workers.join(' and ')}.`),
  ]
}

function runsThough(state: string, { active }: Parts): readonly Mismatch[] {
  const [task] = active ?? []
  if (task === undefined) return []
  return [
    mismatch(
      'runs-unrecorded',
      `The database calls the job ${state}, but ${task.worker} works on it now (task ${task.id}).`,
    ),
  ]
}

/** Needs both ledgers: a message may be on its way between the list and a worker. */
function queuedWithoutMessage({ waiting, held, active, later }: Parts): readonly Mismatch[] {
  if (waiting === null || held === null || active === null || later === null) return []
  if (waiting.length + held.length + active.length + later.length > 0) return []
  return [
    mismatch(
      'queued-without-message',
      'The database calls the job queued, but no message for it waits and no worker holds it: nothing will start it until it is enqueued again.',
    ),
  ]
}

function messageThough(state: 'done' | 'failed' | 'skipped', { waiting, held, later }: Parts): readonly Mismatch[] {
  // A prefetched message is in both ledgers: among the unacknowledged, and reserved by its worker.
  const taken = Math.max(held?.length ?? 0, later?.length ?? 0)
  const n = (waiting?.length ?? 0) + taken
  if (n === 0) return []
  return [
    mismatch(
      'leftover-message',
      `The job is ${state}, but ${count(n, 'message')} for it still ${plural(n, 'waits', 'wait')}: a worker that takes it would run the job again.`,
    ),
  ]
}

/** A row that a Celery worker set running and that no worker reports. Rows of Unjam's own workers name their worker. */
function runningWithoutWorker({ active }: Parts): readonly Mismatch[] {
  if (active === null || active.length > 0) return []
  return [
    mismatch(
      'running-without-worker',
      'The database calls the job running, but no worker that answers works on it: its worker died, or does not answer.',
    ),
  ]
}

function severalMessages(waiting: Parts['waiting'], held: Parts['held']): readonly Mismatch[] {
  const n = (waiting?.length ?? 0) + (held?.length ?? 0)
  if (n < 2 || (waiting?.length ?? 0) === 0) return []
  return [
    mismatch(
      'several-messages',
      `${count(n, 'message')} name this job: each one would be a run of its own. De-duplicating the queue keeps the first.`,
    ),
  ]
}

function attemptsAgainstRow(job: Job, results: Ledgers['results']): readonly Mismatch[] {
  if (results === null) return []
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  const done = results.filter(({ outcome }) => outcome === 'done').length
  if (job.state === 'failed')
    return failed > 1
      ? [mismatch('attempts-vs-job', `${count(failed, 'attempt')} failed; they are one failed job.`)]
      : done > 0
        ? [mismatch('done-but-failed', 'The database calls the job failed, but an attempt at it succeeded.')]
        : []
  if (job.state === 'done')
    return failed > 0
      ? [
          mismatch(
            'attempts-vs-job',
            `${count(failed, 'attempt')} failed before the job was done; none of them is a failed job.`,
          ),
        ]
      : []
  return failed > 0
    ? [mismatch('attempts-vs-job', `${count(failed, 'attempt')} at this job failed; the job itself is ${job.state}.`)]
    : []
}

function mismatch(kind: string, sentence: string): Mismatch {
  return { kind, sentence }
}
