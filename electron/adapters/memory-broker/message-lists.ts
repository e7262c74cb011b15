// The queues of a broker in memory: messages in Celery's own form, the next to run first, and what workers have taken.
import { buildTask, type TaskToSend } from '../celery/message/build-task.ts'

export interface Kept {
  readonly raw: string
  /** When it was sent, ms. */
  readonly atMs: number
}

export interface MessageLists {
  /** At the end of the queue; answers with its bytes. */
  send(task: TaskToSend): string
  push(queue: string, raw: string): void
  /** The next to run, out of the queue and among the unacknowledged. */
  take(queue: string): Kept | null
  /** Ended: no longer among the unacknowledged. */
  acknowledge(raw: string): void
  names(): readonly string[]
  of(queue: string): readonly Kept[]
  put(queue: string, messages: readonly Kept[]): void
  /** True when exactly this message still waited. */
  remove(queue: string, raw: string): boolean
  unacked(queue: string): readonly Kept[]
}

export function createMessageLists(nowMs: () => number): MessageLists {
  const lists = new Map<string, readonly Kept[]>()
  const taken = new Map<string, { queue: string; kept: Kept }>()
  const of = (queue: string) => lists.get(queue) ?? []
  const push = (queue: string, raw: string) => void lists.set(queue, [...of(queue), { raw, atMs: nowMs() }])
  return {
    send(task) {
      const raw = buildTask(task)
      push(task.queue, raw)
      return raw
    },
    push,
    take(queue) {
      const [first, ...rest] = of(queue)
      if (first === undefined) return null
      lists.set(queue, rest)
      taken.set(first.raw, { queue, kept: first })
      return first
    },
    acknowledge: (raw) => void taken.delete(raw),
    names: () => [...lists.keys()],
    of,
    put: (queue, messages) => void lists.set(queue, messages),
    remove(queue, raw) {
      const before = of(queue)
      const after = before.filter((one) => one.raw !== raw)
      lists.set(queue, after)
      return after.length < before.length
    },
    unacked: (queue) => [...taken.values()].filter((one) => one.queue === queue).map(({ kept }) => kept),
  }
}
