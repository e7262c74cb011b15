// The worker as a process: commands come in on stdin, lines go out on stdout, one JSON object each.
import { createInterface } from 'node:readline'
import { WorkerCommand, type WorkerLine } from '../electron/contract/worker-protocol.ts'
import { CannotWork } from './check-tools.ts'
import { type Internals, runWorker } from './run-worker.ts'

/** Answers the exit code: 0 drained or stopped, 1 cannot work here, 64 not configured. */
export async function runStdio(internals?: Internals): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  // The supervisor is gone: there is nobody left to say anything to.
  process.stdout.on('error', () => stopping.abort())

  const lines = commands()
  const first = await lines.next()
  if (first.done === true || first.value.type !== 'configure') {
    emit({ type: 'bye', reason: 'fatal', message: 'The first line of input must configure the worker.' })
    return 64
  }
  try {
    await runWorker(first.value.config, { emit, commands: lines, signal: stopping.signal }, internals)
    return 0
  } catch (error) {
    if (error instanceof CannotWork) return 1
    throw error
  }
}

function emit(line: WorkerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The end of stdin is a `stop`: a worker without its supervisor gives its jobs back. */
async function* commands(): AsyncGenerator<WorkerCommand> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const command = parse(line)
    if (command === null)
      emit({ type: 'log', level: 'warn', message: 'An input line was no command and was left out.' })
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
