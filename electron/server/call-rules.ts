// What every call to another process gets: a deadline, and errors as the FailureErrors they were over there.
import { type ClientContext, ORPCError } from '@orpc/client'
import type { StandardRPCLinkOptions } from '@orpc/client/standard'
import { Failure, FailureError } from '../contract/failure.ts'

const SECOND = 1000
const DEFAULT_MS = 30 * SECOND

/**
 * Calls that hash or copy something big. null has no deadline since it ends with its connection: each action has its own
 * over there (a container's grace period, the build of a stack), and whoever stopped waiting would never hear how it ended.
 */
const longer: Record<string, number | null> = {
  live: null,
  'jobs.add': 3600 * SECOND,
  'models.import': 3600 * SECOND,
  'actions.preview': 120 * SECOND,
  'actions.execute': null,
  'receipts.undo': null,
  'host.doctor': 120 * SECOND,
}

type Interceptor = NonNullable<StandardRPCLinkOptions<ClientContext>['interceptors']>[number]

/** Interceptor of an oRPC link. It throws FailureError only; a caller's own abort stays what he aborted with. */
export function callRules(limitOf: (what: string) => number | null = usualLimit): Interceptor {
  return async ({ next, ...options }) => {
    const { path, signal } = options
    const what = path.join('.')
    const limit = limitOf(what)
    const deadline = limit === null ? null : AbortSignal.timeout(limit)
    const signals = [signal, deadline].filter((one) => one !== null && one !== undefined)
    try {
      const output = await next({ ...options, signal: AbortSignal.any(signals) })
      return isStream(output) ? translated(output, what, signal) : output
    } catch (thrown) {
      throw translate(thrown, what, signal)
    }
  }
}

/** Milliseconds; null is none. */
export function usualLimit(what: string): number | null {
  const limit = longer[what]
  return limit === undefined ? DEFAULT_MS : limit
}

async function* translated(stream: AsyncIterable<unknown>, what: string, signal: AbortSignal | undefined) {
  try {
    yield* stream
  } catch (thrown) {
    throw translate(thrown, what, signal)
  }
}

function translate(thrown: unknown, what: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return thrown
  const asked = { tried: 'Ask the running Unjam', on: what }
  if (thrown instanceof ORPCError) {
    const told = Failure.safeParse(thrown.data)
    if (thrown.code === 'FAILED' && told.success) return new FailureError(told.data, { cause: thrown })
    const invalid = thrown.status < 500
    return new FailureError(
      { ...asked, kind: invalid ? 'invalid' : 'bug', because: reason(thrown), remedy: null },
      { cause: thrown },
    )
  }
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError')
    return new FailureError({ ...asked, kind: 'timeout', because: 'it did not answer in time', remedy: null })
  return new FailureError(
    {
      ...asked,
      kind: 'unreachable',
      because: 'it has ended, or the connection broke',
      remedy: 'Run the command again; it starts what it needs.',
    },
    { cause: thrown },
  )
}

/** oRPC keeps what was wrong with the input in `data.issues`. */
function reason(error: ORPCError<string, unknown>): string {
  const { data } = error
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues))
    return error.message
  const issues = data.issues.map((issue: { path?: unknown[]; message?: string }) =>
    [issue.path?.join('.'), issue.message].filter((part) => part !== undefined && part !== '').join(': '),
  )
  return issues.join('; ')
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
