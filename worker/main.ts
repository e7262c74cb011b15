// The entry of the worker process.
import { runStdio } from './run-stdio.ts'

const code = await runStdio()
// What is still open (stdin, idle sockets) must not keep an ended worker alive; its last line must be out first.
process.stdout.write('', () => process.exit(code))
