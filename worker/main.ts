// The entry of the worker process.
import { writeSync } from 'node:fs'
import { runStdio } from './run-stdio.ts'

// Its state is in doubt then: a slot may wait for ever for what failed. The supervisor starts a fresh one within a second,
// which continues after the last saved chunk. The last line of stderr is the reason that is shown.
process.on('uncaughtException', (error: unknown) => {
  const [message, stack] = error instanceof Error ? [error.message, error.stack ?? ''] : [String(error), '']
  try {
    writeSync(2, `${stack}\nAn internal error ended the worker: ${message.split('\n', 1)[0]}\n`)
  } catch {
    // The supervisor is gone, or reads too slowly: the exit code remains.
  }
  process.exit(70)
})

const code = await runStdio()
// What is still open (stdin, idle sockets) must not keep an ended worker alive; its last line must be out first.
process.stdout.write('', () => process.exit(code))
