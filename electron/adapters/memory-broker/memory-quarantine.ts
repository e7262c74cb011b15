// Quarantine in memory: the same rules as on Redis, lists kept aside for 24 hours and put back before newcomers.
import { FailureError } from '../../contract/failure.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { Quarantine, Quarantined, QuarantinePlan, QuarantineRule } from '../../core/ports/broker.ts'
import { readMessage } from '../celery/message/message.ts'
import { decider } from '../celery/quarantine/rule.ts'
import { messageOf } from './memory-queues.ts'
import type { Kept, MessageLists } from './message-lists.ts'

interface Parts {
  readonly app: CelerySettings
  readonly lists: MessageLists
  nowMs(): number
}

const KEPT_MS = 24 * 60 * 60_000
const SAMPLE = 5

export function memoryQuarantine({ app, lists, nowMs }: Parts): Quarantine {
  type Restored = Awaited<ReturnType<Quarantine['restore']>>
  interface Aside {
    readonly messages: readonly Kept[]
    readonly untilMs: number
    readonly what: Quarantined
    /** What the undo returned. */
    readonly restored: Restored | null
  }
  const aside = new Map<string, Aside>()
  const kept = (operation: string) => {
    const one = aside.get(operation)
    return one === undefined || one.untilMs <= nowMs() ? null : one
  }

  /** Which of a queue a rule moves, in their order. */
  function split(queue: string, rule: QuarantineRule): { moved: Kept[]; stays: Kept[] } {
    const moves = rule === 'all' ? () => true : decider(rule, app)
    const moved: Kept[] = []
    const stays: Kept[] = []
    for (const one of lists.of(queue)) (moves(one.raw) ? moved : stays).push(one)
    return { moved, stays }
  }

  return {
    async plan(queue, rule): Promise<QuarantinePlan> {
      const { moved } = split(queue, rule)
      const all = lists.of(queue)
      const taskOf = ({ raw }: Kept) => readMessage(raw, app).task
      const groups = [...Map.groupBy(all, taskOf)].map(([task, messages]) => ({
        task,
        messages: messages.length,
        moves: messages.filter((one) => moved.includes(one)).length,
      }))
      return {
        queue,
        fingerprint: `${queue}=list`,
        lists: all.length === 0 ? [] : [{ priority: 0, key: queue }],
        messages: all.length,
        moves: moved.length,
        read: all.length,
        groups: groups.sort((a, b) => b.messages - a.messages),
        sample: moved
          .slice(0, SAMPLE)
          .map(({ raw }, position) => messageOf(raw, app, { where: 'queue', position, seenMs: null })),
        unacked: lists.unacked(queue).length,
        warnings: [],
      }
    },
    async move(queue, rule, operation) {
      const { moved, stays } = split(queue, rule)
      const untilMs = nowMs() + KEPT_MS
      lists.put(queue, stays)
      const key = `${app.keyPrefix}unjam:quarantine:${operation}:${queue}:0`
      const what: Quarantined = {
        ...{ operation, queue, rule, moved: moved.length },
        lists: moved.length === 0 ? [] : [{ priority: 0, key, messages: moved.length }],
        until: new Date(untilMs).toISOString(),
      }
      aside.set(operation, { messages: moved, untilMs, what, restored: null })
      return what
    },
    outcome: async (_queue, operation) => kept(operation)?.what ?? null,
    async restore({ operation, queue, rule }) {
      const one = kept(operation)
      if (one === null) throw gone(queue)
      if (one.restored !== null) return one.restored
      // After a purge the database may have refilled the queue: no job waits twice.
      const there = [...lists.of(queue), ...lists.unacked(queue)].flatMap(({ raw }) => readMessage(raw, app).work ?? [])
      const again = new Set(rule === 'all' ? there : [])
      const waits = ({ raw }: Kept) => again.has(readMessage(raw, app).work ?? '')
      const back = one.messages.filter((message) => !waits(message))
      lists.put(queue, [...back, ...lists.of(queue)])
      const left = one.messages.filter(waits).map(({ raw }) => {
        const { id, job } = readMessage(raw, app)
        return { id: id ?? 'a message without an id', because: `job ${job} is queued again` }
      })
      const restored = { restored: back.length, left }
      aside.set(operation, { ...one, messages: [], restored })
      return restored
    },
    recover: async () => [],
    async expire() {
      const over = [...aside].filter(([operation]) => kept(operation) === null)
      for (const [operation] of over) aside.delete(operation)
      return over.length
    },
    kept: async () =>
      [...aside].flatMap(([operation, { what, restored }]) =>
        restored === null && kept(operation) !== null && what.moved > 0 ? [what] : [],
      ),
    pending: () => [],
  }
}

function gone(queue: string): FailureError {
  return new FailureError({
    kind: 'missing',
    tried: 'Put the messages back',
    on: queue,
    because: 'they are no longer kept: the 24 hours are over, or the sample was left',
    remedy: 'Nothing was changed. Jobs that are queued in the database are sent again by the enqueuer.',
  })
}
