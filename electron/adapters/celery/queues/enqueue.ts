// Single messages: one put into a queue by Celery's own form, others found by their task or job.
import { randomUUID } from 'node:crypto'
import { FailureError } from '../../../contract/failure.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { WaitingMessage } from '../../../core/ports/broker.ts'
import { buildTask } from '../message/build-task.ts'
import { readMessage } from '../message/message.ts'
import { isRecord, pythonJson } from '../message/python-text.ts'
import type { RedisSource } from '../redis/connect.ts'
import { sendOnce } from './once.ts'

const PAGE = 1000
const MOST_FOUND = 10_000

export interface NewTask {
  readonly id?: string
  readonly name: string
  readonly args: readonly (string | number)[]
  readonly kwargs?: Readonly<Record<string, string | number>>
  readonly queue: string
  /** A message that was taken out: its bytes go back under a new id, into the list that it was in. */
  readonly raw?: string
  readonly priority?: number
  /** Sends once per operation and id. */
  readonly operation: string
}

/** At the end of the queue, as if an app had sent it just now. */
export async function pushTask(
  source: RedisSource,
  task: NewTask,
  abort: AbortSignal,
): Promise<{ id: string; raw: string }> {
  const id = task.id ?? randomUUID()
  const { queue, priority } = task
  const raw = task.raw === undefined ? buildTask({ ...task, id }) : renamed(task.raw, id, source.on)
  const to = { queue, id, raw, name: task.name, operation: task.operation }
  return { id, raw: await sendOnce(source, priority === undefined ? to : { ...to, priority }, abort) }
}

/**
 * The same work under another task id: workers remember revoked ids and would drop the message (protocol §3.4). The
 * body stays as it is to the byte; numbers in it may be larger than JavaScript's.
 */
export function renamed(raw: string, id: string, on: string): string {
  const envelope: unknown = JSON.parse(raw)
  const headers = isRecord(envelope) && isRecord(envelope.headers) ? envelope.headers : null
  const properties = isRecord(envelope) && isRecord(envelope.properties) ? envelope.properties : null
  if (!isRecord(envelope) || headers === null || properties === null || typeof headers.id !== 'string')
    throw new FailureError({
      kind: 'unsupported',
      tried: 'Put a message back under a new id',
      on,
      because: 'it is of protocol 1, whose id is inside its body',
      remedy: 'Enqueue the job anew.',
    })
  const old = headers.id
  return pythonJson({
    ...envelope,
    headers: { ...headers, id, ...(headers.root_id === old ? { root_id: id } : {}) },
    properties: {
      ...properties,
      ...(properties.correlation_id === old ? { correlation_id: id } : {}),
      delivery_tag: randomUUID(),
    },
  })
}

/** In steps that stall nobody, the next to run first. A message that moves meanwhile may be missed or seen twice. */
export async function findWaiting(
  source: RedisSource,
  app: CelerySettings,
  queues: readonly string[],
  of: { ids: readonly string[]; by: 'task' | 'job' },
  abort: AbortSignal,
): Promise<readonly WaitingMessage[]> {
  const wanted = new Set(of.ids)
  const found = new Map<string, WaitingMessage>()
  // Only a connection has learned how the app separates names.
  const keys = await source.run('Find messages', abort, async () => source.keys)
  for (const queue of queues)
    for (const { key, step } of keys.steps(queue))
      for (let at = 0; found.size < MOST_FOUND; at += PAGE) {
        const page = await source.run('Find messages', abort, (redis) => redis.lrange(key, -at - PAGE, -at - 1))
        for (const raw of page.toReversed()) {
          const { id, task, job } = readMessage(raw, app)
          const match = of.by === 'task' ? id : job
          if (match !== null && id !== null && wanted.has(match))
            found.set(raw, { id, queue, raw, task, job, priority: step })
        }
        if (page.length < PAGE) break
      }
  return [...found.values()]
}
