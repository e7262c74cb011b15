// What the core asks of a Celery broker: its queues, quarantines, workers and past attempts.
import type { Receipt } from '../../contract/action.ts'
import type { Instant } from '../../contract/failure.ts'
import type { Message, MessagePage, MessageQuery, Queue, QueueJobs, QueueJobsQuery } from '../../contract/queue.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { Worker } from '../../contract/snapshot.ts'
import type { ResultPage, ResultQuery, ResultSummary, Task, TaskResult } from '../../contract/task.ts'

/** A Celery broker and its result backend. Every read has a signal; what cannot be read throws a FailureError. */
export interface Broker {
  readonly queues: BrokerQueues
  readonly quarantine: Quarantine
  readonly control: TaskControl
  readonly results: Results
  /** How messages are handed out, and when one that is not acknowledged is handed out again. */
  delivery(signal: AbortSignal): Promise<Delivery>
  /** Task names and arguments of this app, as the settings say. */
  readonly app: CelerySettings
  /** Something was pushed (an event, a result): readings are worth taking again. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Redis has no acknowledgements of its own: kombu gives a message out again after its visibility timeout. */
export interface Delivery {
  readonly visibilityTimeoutMs: number
  /** `worker`: its own configuration says so; `default`: kombu's hour. */
  readonly from: 'worker' | 'default'
  /** Whether the job's task acknowledges only when it ends; null: no worker says. */
  readonly acksLate: boolean | null
}

/** Contents of queues. The first reading streams a long queue; later ones read only what is new. */
export interface BrokerQueues {
  /** All queues that exist or that a worker consumes, sub-queues of priorities folded in. */
  queues(signal: AbortSignal): Promise<readonly Queue[]>
  messages(query: MessageQuery, signal: AbortSignal): Promise<MessagePage>
  /** Messages by the job they are for, as far as the queue has been read. */
  jobs(query: QueueJobsQuery, signal: AbortSignal): Promise<QueueJobs>
  /** Messages of one job in every queue and among the unacknowledged, at most `limit`. */
  messagesOf(job: string, limit: number, signal: AbortSignal): Promise<readonly Message[]>
}

/** Messages moved out of a queue, kept 24 h under keys of their own: the trail of purge, de-duplicate, collapse. */
export interface Quarantined {
  readonly operation: string
  readonly queue: string
  readonly rule: QuarantineRule
  readonly moved: number
  /** One list per priority step. */
  readonly lists: readonly { priority: number; key: string; messages: number }[]
  /** After this instant nothing can be put back. */
  readonly until: Instant
}

/** Which messages would be moved, without moving one. */
export interface QuarantinePlan {
  readonly queue: string
  /** Of key names and types: a queue is live, its set freezes only at the rename (DESIGN §5). */
  readonly fingerprint: string
  /** Its lists that have messages, one for each priority in use. */
  readonly lists: readonly { priority: number; key: string }[]
  readonly messages: number
  readonly moves: number
  /** Messages the groups were made of: a purge of a long queue looks only at those that run next. */
  readonly read: number
  readonly groups: readonly { task: string | null; messages: number; moves: number }[]
  readonly sample: readonly Message[]
  readonly unacked: number | null
  /** Sentences for the preview about how safely Redis keeps what would be moved. */
  readonly warnings: readonly string[]
}

/** Which messages of a queue: all, all but the first of each job, all but the first of each periodic task. */
export type QuarantineRule = 'all' | 'duplicates' | 'periodic'

export interface Quarantine {
  plan(queue: string, rule: QuarantineRule, signal: AbortSignal): Promise<QuarantinePlan>
  /** `all` is one atomic rename; the others run in bounded steps that stall no other client. */
  move(queue: string, rule: QuarantineRule, operation: string, signal: AbortSignal): Promise<Quarantined>
  /**
   * What became of a `move` whose reply was lost. Completed: the value that `move` would have returned. Half-done:
   * everything is put back, then null. Not begun: null, and a command that is still on its way is refused from now on.
   * @throws FailureError when the broker cannot be reached, or when another live process works on the queue (`busy`).
   */
  outcome(queue: string, operation: string, signal: AbortSignal): Promise<Quarantined | null>
  /**
   * Puts back what has not come back meanwhile, oldest first, before newcomers; nothing twice. Idempotent for 24 h:
   * called again, also after a crash in its middle, it finishes and returns the same numbers.
   */
  restore(what: Quarantined, signal: AbortSignal): Promise<{ restored: number; left: Receipt['left'] }>
  /**
   * Finishes or takes back what a crash or a lost connection left half-done, each operation independently, and deletes
   * what is older than 24 h. Returns one sentence per operation, also for those that could not be repaired.
   */
  recover(signal: AbortSignal): Promise<readonly string[]>
  /** Deletes quarantines, withdrawn messages and send markers whose 24 h are over; returns how many operations. */
  expire(signal: AbortSignal): Promise<number>
  /** Quarantines that exist now, oldest first, for an operator. */
  kept(signal: AbortSignal): Promise<readonly Quarantined[]>
  /** Interrupted operations known to this process that are not repaired yet. No I/O. */
  pending(): readonly PendingRepair[]
}

/** Messages of a queue that an interrupted operation has set aside and that are not back yet. */
export interface PendingRepair {
  readonly operation: string
  readonly queue: string
  readonly setAside: number
  /** Messages of the queue when the operation began. */
  readonly of: number
}

/** One worker's answer to a control command. */
export interface Told {
  readonly worker: string
  readonly ok: boolean
  readonly text: string
}

/** A message that waits, as the exact bytes by which it can be taken out. */
export interface WaitingMessage {
  readonly id: string
  readonly queue: string
  readonly raw: string
  readonly task: string | null
  readonly job: string | null
  /** Step of the list it waits in: which one a priority belongs to is the app's choice (`priority_steps`). */
  readonly priority: number
}

/** Workers over pidbox. Waits are bounded; every state-changing command names its workers. */
export interface TaskControl {
  /** Known workers included: one that no longer answers is `frozen`, `hung`, `busy` or `lost`, with the evidence. */
  workers(signal: AbortSignal): Promise<readonly Worker[]>
  tasks(signal: AbortSignal): Promise<readonly Task[]>
  revoke(
    ids: readonly string[],
    how: { terminate: boolean; signal: 'SIGTERM' | 'SIGKILL' },
    abort: AbortSignal,
  ): Promise<readonly Told[]>
  /** Grows (`by` > 0) or shrinks the pool of one worker; answers with its size before and after. */
  resize(worker: string, by: number, abort: AbortSignal): Promise<{ from: number; to: number; told: readonly Told[] }>
  /** Kept in Redis: a queue that no worker was told to leave is not paused, whoever pauses or resumes it. */
  consume(queue: string, on: boolean, workers: readonly string[], abort: AbortSignal): Promise<readonly Told[]>
  /** Workers that were told to leave the queue when it was paused. */
  leftQueue(queue: string, abort: AbortSignal): Promise<readonly string[]>
  /** Cuts the control connection of a hung worker, which then connects again. */
  unhang(worker: string, abort: AbortSignal): Promise<{ cut: number; answers: boolean }>
  /**
   * The connections that `unhang` would cut, as addresses, and how they were told apart; none: why they could not be.
   * Refuses a worker that answers.
   */
  hung(worker: string, abort: AbortSignal): Promise<{ connections: readonly string[]; how: string }>
  /** Messages in these queues that belong to these tasks or jobs. */
  waiting(
    queues: readonly string[],
    of: { ids: readonly string[]; by: 'task' | 'job' },
    abort: AbortSignal,
  ): Promise<readonly WaitingMessage[]>
  /** The name by which workers that consume the queue know the task; refuses where there is none. */
  deliverable(task: string, queue: string, abort: AbortSignal): Promise<string>
  /**
   * One well-formed protocol-v2 message, at the end of the queue; refuses a task no worker knows or a queue nobody
   * consumes. With `raw`, a message that was withdrawn goes back under a new id, whoever consumes it by now.
   *
   * Exactly once per `operation` and `id`: a second call sends nothing and returns what the first one sent.
   */
  enqueue(
    task: {
      id?: string
      name: string
      args: readonly (string | number)[]
      kwargs?: Readonly<Record<string, string | number>>
      queue: string
      raw?: string
      /** Of the list that `raw` was in. */
      priority?: number
      operation: string
    },
    abort: AbortSignal,
  ): Promise<{ id: string; raw: string }>
  /** Ids of the messages that `enqueue` has sent for this operation, in no order; kept 24 h. */
  sent(operation: string, abort: AbortSignal): Promise<readonly string[]>
  /**
   * Gives up those of `ids` that were not sent, also where the command is still on its way: `enqueue` refuses them from
   * now on. Returns the ids that were sent.
   */
  withhold(operation: string, ids: readonly string[], abort: AbortSignal): Promise<readonly string[]>
  /**
   * Takes one exact message out of its queue, where it still waits, and keeps it for 24 h under the operation, in one
   * atomic step. True also when this operation has taken it out before.
   */
  withdraw(queue: string, raw: string, operation: string, abort: AbortSignal): Promise<boolean>
  /** Messages that `withdraw` has taken out for this operation, in that order. */
  withdrawn(operation: string, abort: AbortSignal): Promise<readonly string[]>
}

/** What attempts left behind: one scan, then the push feed. */
export interface Results {
  summary(signal: AbortSignal): Promise<ResultSummary>
  page(query: ResultQuery, signal: AbortSignal): Promise<ResultPage>
  resultsOf(job: string, limit: number, signal: AbortSignal): Promise<readonly TaskResult[]>
  /** Which job a task worked on, told by another source (worker log, database); kept for as long as the result is. */
  learn(task: string, job: string, from: 'worker log' | 'database'): void
}
