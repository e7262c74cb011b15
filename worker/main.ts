// The worker process: commands come in on stdin, lines go out on stdout, one JSON object each.
import { createInterface } from 'node:readline'
import { WorkerCommand, type WorkerLine } from '../electron/contract/worker-protocol.ts'
import { CannotWork } from './check-tools.ts'
import { runWorker } from './run-worker.ts'

const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
// The supervisor is gone: there is nobody left to say anything to.
process.stdout.on('error', () => stopping.abort())

function emit(line: WorkerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The end of stdin is a `stop`: a worker without its supervisor gives its jobs back. */
async function* commands(): AsyncGenerator<WorkerCommand> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const command = parse(line)
    if (command === null) emit({ type: 'log', level: 'warn', message: 'A line that is no command was left out.' })
    else yield command
  }
  yield { type: 'stop' }
}

function parse(line: string): WorkerCommand | null {
  try {
    return WorkerCommand.parse(JSON.parse(line))
  } catch {
    return null
  }
}

const lines = commands()
const first = await lines.next()
let code = 0
if (first.done !== true && first.value.type === 'configure') {
  try {
    await runWorker(first.value.config, { emit, commands: lines, signal: stopping.signal })
  } catch (error) {
    if (!(error instanceof CannotWork)) throw error
    code = 1
  }
} else {
  emit({ type: 'bye', reason: 'fatal', message: 'The first line of input must configure the worker.' })
  code = 64
}
// What is still open (stdin, idle sockets) must not keep an ended worker alive; its last line must be out first.
process.stdout.write('', () => process.exit(code))
