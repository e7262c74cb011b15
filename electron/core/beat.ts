// When the scheduler last ticked, as its log and the queue tell it.
import type { ServiceLogLine } from '../contract/service.ts'

export interface BeatFacts {
  /** As the settings name it: the task that refills the queue, and its interval. */
  readonly task: string
  readonly everyMs: number
  /** The compose service that keeps the schedule; null where no stack shows one. */
  readonly service: string | null
  /** Since its log last said that it sends the task; null: the log never said so, or cannot be read. */
  readonly loggedAgeMs: number | null
  /** For so long its messages have waited and none has come; null: they do not wait, so nothing can be told. */
  readonly noArrivalMs: number | null
}

/** `Scheduler: Sending due task enqueue-pending (app.worker.tasks.enqueue_pending_recordings)`, of celery/beat.py. */
export function lastTick(lines: readonly ServiceLogLine[], name: string): number | null {
  const last = lines.findLast(({ at, text }) => at !== null && text.includes('Sending due task') && text.includes(name))
  return last?.at == null ? null : Date.parse(last.at)
}

export interface Arrivals {
  readonly messages: number | null
  /** Since when the same messages wait and none has joined them; null while that proves nothing. */
  readonly quietSinceMs: number | null
}

export const noArrivals: Arrivals = { messages: null, quietSinceMs: null }

/** Only messages that nobody takes tell whether new ones come: one that is taken hides the one that came. */
export function nextArrivals(before: Arrivals, messages: number | null, nowMs: number): Arrivals {
  if (messages === null || messages === 0) return { messages, quietSinceMs: null }
  return { messages, quietSinceMs: before.messages === messages ? (before.quietSinceMs ?? nowMs) : nowMs }
}
