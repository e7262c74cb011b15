// Whatever a command threw, as the one `Failure`.
import { type Failure, FailureError, toFailure } from '../contract/failure.ts'
import { Interrupted } from './interruption.ts'

/** A core's answers arrive as FailureErrors already; the rest is a missed deadline, a system error or our bug. */
export function failureOf(error: unknown, command: string): Failure {
  const tried = `unjam ${command}`
  if (error instanceof FailureError) return error.failure
  if (error instanceof Interrupted) return { kind: 'refused', tried, on: '', because: error.message, remedy: null }
  if (error instanceof Error && error.name === 'TimeoutError')
    return { kind: 'timeout', tried, on: '', because: 'it took too long', remedy: 'unjam doctor says what is missing.' }
  const code = error instanceof Error && 'code' in error ? error.code : null
  const path = error instanceof Error && 'path' in error ? String(error.path) : ''
  if (typeof code === 'string' && Object.hasOwn(refusals, code))
    return { kind: 'refused', tried, on: path, because: refusals[code] ?? code, remedy: null }
  return toFailure(error, tried)
}

/** System errors that name the operator's own disk or rights, not a fault of ours. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'this account may not read or write there',
  EPERM: 'the system does not permit it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file is in the place of a folder',
}
