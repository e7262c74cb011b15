// The procedures as a typed object over whatever connection is alive; no call without a deadline.
import { type ClientContext, type ClientLink, createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Failure } from '../electron/contract/failure.ts'
import type { Contract } from '../electron/contract/procedures.ts'
import type { Connect, Connection } from './links.ts'

export type Client = ContractRouterClient<Contract>

const DEADLINE_MS = 15_000
/** Calls that hash, copy or wait for a process may take longer than a read. */
const slow: Readonly<Record<string, number>> = {
  'jobs.add': 600_000,
  'models.import': 600_000,
  'models.select': 60_000,
  'actions.preview': 30_000,
  // The core bounds each write itself: a stack is built within 45 minutes, a queue of a million undone within 10.
  'actions.execute': 50 * 60_000,
  'receipts.undo': 50 * 60_000,
  // A container's log or a table that is looked through for the first time.
  'systems.test': 30_000,
  'systems.mapping': 30_000,
  'systems.discover': 30_000,
  'host.doctor': 60_000,
  // The embedded database may have to be made first.
  'samples.start': 120_000,
}

/** A client that outlives its connections: a call opens a new one when the last is gone. */
export function createClient(connect: Connect): Client {
  let current: Promise<Connection> | null = null
  const open = (): Promise<Connection> => {
    if (current !== null) return current
    const opening = connect()
    current = opening
    const forget = () => {
      if (current === opening) current = null
    }
    opening.then((connection) => connection.closed.then(forget), forget)
    return opening
  }
  const link: ClientLink<ClientContext> = {
    async call(path, input, options) {
      const name = path.join('.')
      const deadline = withDeadline(name, options.signal)
      try {
        const { link, closed } = await open()
        const answer = link.call(path, input, { ...options, signal: deadline.signal })
        // A call on a link whose far end is gone may never settle; the end of the link settles it.
        return await Promise.race([answer, closed.then(() => Promise.reject(new Error('the connection was lost')))])
      } finally {
        deadline.done()
      }
    },
  }
  return createORPCClient(link)
}

/** Bounds the call itself; a stream that has begun goes on until its own signal. */
function withDeadline(name: string, outer: AbortSignal | undefined): { signal: AbortSignal; done(): void } {
  const own = new AbortController()
  const ms = slow[name] ?? DEADLINE_MS
  const timer = setTimeout(() => own.abort(new Error(`no answer within ${ms / 1000} s`)), ms)
  const signal = outer === undefined ? own.signal : AbortSignal.any([outer, own.signal])
  return { signal, done: () => clearTimeout(timer) }
}

/** What a call threw, as the failure that screens show. */
export function failureOf(thrown: unknown, tried: string): Failure {
  if (thrown instanceof ORPCError && thrown.code === 'FAILED' && isFailure(thrown.data)) return thrown.data
  const because = thrown instanceof Error ? thrown.message : String(thrown)
  return { kind: 'unreachable', tried, on: '', because, remedy: null }
}

function isFailure(data: unknown): data is Failure {
  return typeof data === 'object' && data !== null && 'because' in data && 'tried' in data
}
