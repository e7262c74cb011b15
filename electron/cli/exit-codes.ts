// What a command's exit code means; scripts rely on these numbers (DESIGN §8).
import { assertNever, type Failure } from '../contract/failure.ts'

export const exitCode = {
  ok: 0,
  /** diagnose: there are findings; doctor: something is missing. */
  findings: 1,
  /** A source that was needed, or one that is configured, cannot be read. */
  unread: 2,
  /** The world moved since the preview. */
  stale: 3,
  /** It was refused: bad input, not possible here, not found. */
  refused: 4,
  /** Done in part; what was left is listed. */
  partly: 5,
  usage: 64,
  /** Unjam's own fault. */
  bug: 70,
  /** Ended by Ctrl-C or a signal. */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** The code of a command that a failure ended. */
export function exitCodeOf({ kind }: Failure): ExitCode {
  switch (kind) {
    case 'stale':
      return exitCode.stale
    case 'refused':
    case 'missing':
    case 'invalid':
    case 'busy':
    case 'unsupported':
      return exitCode.refused
    case 'unreachable':
    case 'timeout':
      return exitCode.unread
    case 'bug':
      return exitCode.bug
    default:
      return assertNever(kind)
  }
}

export const exitCodeHelp = `Exit codes
   0  done
   1  diagnose: there are findings; doctor: something is missing
   2  something that must be read cannot be read
   3  stale: things changed since the preview, nothing was written
   4  refused: bad input, not found, or not possible here
   5  done in part; what was left is listed
  64  wrong usage
  70  a fault of Unjam itself
 130  interrupted`
