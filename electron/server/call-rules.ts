// What every call to another process gets: a deadline, and errors as the FailureErrors they were over there.
import { ORPCError } from '@orpc/client'
import { Failure, FailureError } from '../contract/failure.ts'

const SECOND = 1000
const DEFAULT_MS = 30 * SECOND

/** Calls that hash, copy or stop something big; null has no deadline since it ends with its connection. */
const longer: Record<string, number | null> = {
  live: null,
  'jobs.add': 3600 * SECOND,
  'models.import': 3600 * SECOND,
  'actions.preview': 120 * SECOND,
  'actions.execute': 300 * SECOND,
  'receipts.undo': 300 * SECOND,
  'host.doctor': 120 * SECOND,
}

interface Call<Options> {
  readonly path: readonly string[]
  readonly signal?: AbortSignal | undefined
  next(options: Options): Promise<unknown>
}

/** Interceptor of an oRPC link. Throws FailureError only; a caller's own abort stays what he aborted with. */
export async function callRules<Options extends Call<never>>(call: Options): Promise<unknown> {
  const what = call.path.join('.')
  const limit = what in longer ? (longer[what] ?? null) : DEFAULT_MS
  const deadline = limit === null ? null : AbortSignal.timeout(limit)
  const signals = [call.signal, deadline].filter((signal) => signal !== null && signal !== undefined)
  try {
    const output = await call.next({ ...call, signal: AbortSignal.any(signals) } as never)
    return isStream(output) ? translated(output, what, call.signal) : output
  } catch (thrown) {
    throw translate(thrown, what, call.signal)
  }
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
