// The cure for a worker whose control consumer hangs: Redis cuts its subscription, and the worker connects again.
import { FailureError } from '../../../contract/failure.ts'
import type { RedisSource } from '../redis/connect.ts'
import { type Found, findControlConnections, readClients, type Wanted } from './connections.ts'
import type { Orders } from './orders.ts'
import { shows } from './orders.ts'

/** It reconnects in 1.6–2.2 s (protocol §3.6). */
const BACK_MS = 5000
const TRIED = 'Cut the control connection'

export interface UnhangParts {
  readonly source: RedisSource
  readonly orders: Orders
  /** What is known of a worker beside who answers. */
  known(worker: string): Pick<Wanted, 'host' | 'pid' | 'aloneOnHost' | 'silent'> | null
  portsOf(pid: number): Promise<ReadonlySet<number>>
  addressesOf(host: string): Promise<readonly string[]>
}

/** @throws FailureError `refused` when the worker is not known, or answers. */
export async function findHung(parts: UnhangParts, worker: string, abort: AbortSignal): Promise<Found> {
  const { source, orders } = parts
  const refuse = (because: string) =>
    new FailureError({ kind: 'refused', tried: TRIED, on: worker, because, remedy: null })
  const known = parts.known(worker)
  if (known === null) throw refuse('no such worker is known')
  const answering = await orders.answering(abort)
  if (answering.includes(worker)) throw refuse('it answers, so there is nothing to cure')
  const text = await source.run('List the connections of Redis', abort, (redis) => redis.client('LIST'))
  const wanted: Wanted = { name: worker, ...known, answering: answering.length }
  return findControlConnections(readClients(String(text)), wanted, parts)
}

export async function unhang(
  parts: UnhangParts,
  worker: string,
  abort: AbortSignal,
): Promise<{ cut: number; answers: boolean }> {
  const { clients, how } = await findHung(parts, worker, abort)
  if (clients.length === 0)
    throw new FailureError({
      kind: 'unsupported',
      tried: TRIED,
      on: worker,
      because: how,
      remedy:
        'Find it by its address with redis-cli CLIENT LIST TYPE pubsub and end it with CLIENT KILL ID, or restart the worker.',
    })
  const killed = await parts.source.run(TRIED, abort, async (redis) => {
    let n = 0
    for (const { id } of clients) n += Number(await redis.client('KILL', 'ID', id))
    return n
  })
  const answers = await shows(BACK_MS, abort, async () => (await parts.orders.ask('ping', worker, abort)) !== undefined)
  return { cut: killed, answers }
}
