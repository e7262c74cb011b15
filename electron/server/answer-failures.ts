// What was thrown below becomes what the caller reads: a Failure as FAILED, a bug without its details.
import { ORPCError, os } from '@orpc/server'
import { type Failure, FailureError, sentence } from '../contract/failure.ts'
import type { ServerLog } from './server-log.ts'

/**
 * Middleware around every procedure, also around the events of a stream after the call itself was answered.
 * Bad input stays BAD_REQUEST with its issues; output that breaks the contract is our bug.
 */
export function answerFailures(log: ServerLog) {
  return os.middleware(async ({ next, path, signal }, _input, output) => {
    const where = path.join('.')
    try {
      const result = await next()
      if (!isStream(result.output)) return result
      return output(answerStream(result.output, where, signal, log))
    } catch (thrown) {
      throw answer(thrown, where, signal, log)
    }
  })
}

async function* answerStream(stream: AsyncIterable<unknown>, where: string, signal: Signal, log: ServerLog) {
  try {
    yield* stream
  } catch (thrown) {
    // The reader left: ending its stream is the answer, whatever the generator throws at that.
    if (!signal?.aborted) throw answer(thrown, where, signal, log)
  }
}

type Signal = AbortSignal | undefined

function answer(thrown: unknown, where: string, signal: Signal, log: ServerLog): unknown {
  if (thrown instanceof FailureError) return failed(thrown.failure)
  if (thrown instanceof ORPCError && thrown.status < 500) return thrown
  if (signal?.aborted) return new ORPCError('CLIENT_CLOSED_REQUEST', { status: 499 })
  log.error(where, 'A call ended in an error that Unjam did not foresee.', thrown)
  return failed(bug(where))
}

function failed(failure: Failure) {
  return new ORPCError('FAILED', { status: 422, message: sentence(failure), data: failure })
}

/** Says where, never what: messages of unforeseen errors may hold paths, SQL and passwords. */
export function bug(where: string): Failure {
  return {
    kind: 'bug',
    tried: `Answer ${where}`,
    on: '',
    because: 'Unjam made a mistake',
    remedy: 'The details are in the log; restarting Unjam is safe.',
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
