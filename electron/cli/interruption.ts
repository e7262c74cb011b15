// Ctrl-C, signals and the end of the launcher as one AbortSignal; the second request ends the process at once.
import { exitCode } from './exit-codes.ts'

/** One Ctrl-C arrives several times: from the console, from npm, from the launcher. */
const echoMs = 400

let controller: AbortController | null = null

/** Aborted by the first request to end; after that a second one does not wait for anything. */
export function interruption(): AbortSignal {
  if (controller !== null) return controller.signal
  const own = new AbortController()
  controller = own
  let firstAt: number | null = null
  const end = (because: string) => {
    if (firstAt === null) {
      firstAt = performance.now()
      own.abort(new Error(because))
    } else if (performance.now() - firstAt > echoMs) process.exit(exitCode.interrupted)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(`it received ${signal}`))
  if (process.channel !== undefined) {
    process.once('disconnect', () => end('the command that started it is gone'))
    process.channel.unref()
  }
  return own.signal
}
