// Queues in memory as readings: depth, contents by task, pages of messages.
import type { Message, Queue, QueueGroup } from '../../contract/queue.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { BrokerQueues } from '../../core/ports/broker.ts'
import { isJobTask } from '../celery/message/job-of.ts'
import { readMessage } from '../celery/message/message.ts'
import type { MemoryWorkers } from './memory-workers.ts'
import type { Kept, MessageLists } from './message-lists.ts'

interface Parts {
  readonly app: CelerySettings
  readonly lists: MessageLists
  readonly workers: MemoryWorkers
  nowMs(): number
}

const ORIGINS = 5
const GROUPS = 20

export function memoryQueues({ app, lists, workers, nowMs }: Parts): BrokerQueues {
  const seen = ({ atMs }: Kept) => Math.max(0, nowMs() - atMs)
  const shown = (kept: Kept, where: Message['where'], position: number | null): Message =>
    messageOf(kept.raw, app, { where, position, seenMs: seen(kept) })
  const names = () => [...new Set([...lists.names(), ...workers.consumed()])].sort()

  function queueOf(name: string): Queue {
    const all = lists.of(name)
    return {
      name,
      messages: all.length,
      unacked: lists.unacked(name).length,
      priorities: all.length === 0 ? [] : [{ priority: 0, messages: all.length }],
      groups: groupsOf(all),
      read: all.length,
      consumers: workers.consumersOf(name),
      paused: workers.left(name).length > 0,
    }
  }

  function groupsOf(all: readonly Kept[]): QueueGroup[] {
    const read = all.map((kept) => ({ ...readMessage(kept.raw, app), seenMs: seen(kept) }))
    const groups = [...Map.groupBy(read, ({ task }) => task)].map(([task, messages]): QueueGroup => {
      const works = messages.flatMap(({ work }) => work ?? [])
      return {
        task,
        messages: messages.length,
        jobs: task !== null && isJobTask(app, task) ? new Set(messages.flatMap(({ job }) => job ?? [])).size : null,
        duplicates: works.length - new Set(works).size,
        origins: [...new Set(messages.flatMap(({ origin }) => origin ?? []))].slice(0, ORIGINS),
        seenMs: Math.max(...messages.map(({ seenMs }) => seenMs)),
      }
    })
    return groups.sort((a, b) => b.messages - a.messages).slice(0, GROUPS)
  }

  return {
    queues: async () => names().map(queueOf),
    async messages({ queue, where, task, job, limit, cursor }) {
      const kept = where === 'queue' ? lists.of(queue) : lists.unacked(queue)
      const all = kept
        .map((one, at) => shown(one, where, where === 'queue' ? at : null))
        .filter((one) => (task == null || one.task === task) && (job == null || one.job === job))
      const from = cursor == null ? 0 : Number(cursor)
      const page = all.slice(from, from + limit)
      return { messages: page, cursor: from + limit < all.length ? String(from + limit) : null }
    },
    async jobs({ queue, limit }) {
      const read = lists.of(queue).map((kept, position) => ({ ...readMessage(kept.raw, app), position, kept }))
      const named = read.flatMap(({ job, ...one }) => (job === null ? [] : [{ ...one, job }]))
      const jobs = [...Map.groupBy(named, ({ task, job }) => `${task}\0${job}`).values()].flatMap(([first, ...more]) =>
        first === undefined
          ? []
          : [
              {
                ...{ job: first.job, task: first.task, messages: 1 + more.length },
                ...{ position: first.position, priority: 0, seenMs: seen(first.kept) },
              },
            ],
      )
      return { jobs: jobs.sort((a, b) => b.messages - a.messages).slice(0, limit), different: jobs.length }
    },
    async messagesOf(job, limit) {
      const all = names().flatMap((name) => [
        ...lists.of(name).map((one, at) => shown(one, 'queue', at)),
        ...lists.unacked(name).map((one) => shown(one, 'unacked', null)),
      ])
      return all.filter((one) => one.job === job).slice(0, limit)
    },
  }
}

/** A message as text, without what only decides about it. */
export function messageOf(
  raw: string,
  app: CelerySettings,
  place: Pick<Message, 'where' | 'position' | 'seenMs'>,
): Message {
  const { work: _work, exchange: _exchange, routingKey: _routingKey, ...message } = readMessage(raw, app)
  return { ...message, ...place }
}
