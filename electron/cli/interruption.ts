// Ctrl-C, signals and the end of the launcher as one AbortSignal; the second request ends the process at once.
import { exitCode } from './exit-codes.ts'

/** Why a command did not go on; its message is the cause. */
export class Interrupted extends Error {}

/** One Ctrl-C arrives several times: from the console, from npm, from the launcher. */
const echoMs = 400

const controller = new AbortController()
let firstAt: number | null = null
let listening = false

/** Asks the running command to give back what it took and end; asked again after a moment, it ends at once. */
export function interrupt(because: string): void {
  if (firstAt === null) {
    firstAt = performance.now()
    controller.abort(new Interrupted(because))
  } else if (performance.now() - firstAt > echoMs) process.exit(exitCode.interrupted)
}

/** Aborted by the first request to end: Ctrl-C, a signal, the end of the launcher. */
export function interruption(): AbortSignal {
  if (listening) return controller.signal
  listening = true
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupt(`it received ${signal}`))
  if (process.channel !== undefined) {
    process.once('disconnect', () => interrupt('the command that started it is gone'))
    process.channel.unref()
  }
  return controller.signal
}
