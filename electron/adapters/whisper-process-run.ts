// One life of the worker process: started, listened to, watched, and ended so that nothing of it stays behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { sweepChildren } from '../../worker/children.ts'
import { type WorkerCommand, type WorkerConfig, WorkerLine } from '../contract/worker-protocol.ts'

export interface RunOptions {
  readonly node: string
  readonly entry: string
  readonly config: WorkerConfig
  /** Without a beat for this long it hangs. */
  readonly hungAfterMs: number
  /** To say ready: the first connection, and a model checked on a slow disk. */
  readonly readyWithinMs: number
  readonly stopWithinMs: number
  onLine(line: WorkerLine): void
  /** What it printed that is not of the protocol. */
  onText(text: string, stream: 'stdout' | 'stderr'): void
}

/** How it ended: `said` is its own last word or the last line of its error output. */
export interface RunEnd {
  readonly reason: 'drained' | 'stopped' | 'fatal' | 'hung' | 'crashed'
  readonly said: string | null
  readonly how: string
}

export interface Run {
  readonly pid: number | null
  readonly ended: Promise<RunEnd>
  send(command: WorkerCommand): void
  /** Asks it to stop and kills it when it has not in time; resolves when it is gone. */
  stop(): Promise<void>
}

const LONGEST_LINE = 1_000_000

export function startRun(options: RunOptions): Run {
  const { node, entry, config, hungAfterMs, readyWithinMs, stopWithinMs, onLine, onText } = options
  const child = spawn(node, [entry], {
    cwd: dirname(entry),
    env: plainEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const { stdin, stdout, stderr } = child
  let bye: Extract<WorkerLine, { type: 'bye' }> | null = null
  let lastWords: string | null = null
  let ready = false
  let hung: string | null = null

  const watch = watchBeats(readyWithinMs, () => {
    const within = `within ${Math.round((ready ? hungAfterMs : readyWithinMs) / 1000)} seconds`
    hung = ready ? `it gave no sign of life ${within}` : `it was not ready ${within}`
    child.kill('SIGKILL')
  })
  eachLine(stdout, (text) => {
    const line = parse(text)
    if (line === null) {
      onText(text, 'stdout')
      return
    }
    if (line.type === 'ready') ready = true
    // From then on a beat comes every second.
    if (ready) watch.heard(hungAfterMs)
    if (line.type === 'bye') bye = line
    onLine(line)
  })
  eachLine(stderr, (text) => {
    lastWords = text
    onText(text, 'stderr')
  })
  // It ends with the process; what could not be sent to a dead worker is said by its exit.
  stdin.on('error', () => undefined)

  const ended = exitOf(child).then(async (how): Promise<RunEnd> => {
    watch.stop()
    // Where a death signal cannot reach its children (everywhere but Linux), they are ended here.
    await sweepChildren(config.children)
    if (hung !== null) return { reason: 'hung', said: hung, how }
    return { reason: bye?.reason ?? 'crashed', said: bye === null ? lastWords : bye.message, how }
  })
  const send = (command: WorkerCommand) => {
    if (stdin.writable) stdin.write(`${JSON.stringify(command)}\n`)
  }
  send({ type: 'configure', config })

  return {
    pid: child.pid ?? null,
    ended,
    send,
    async stop() {
      send({ type: 'stop' })
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Calls `onSilence` once when nothing was heard for the current patience. A loop of ours that stood still is no proof. */
function watchBeats(patienceMs: number, onSilence: () => void): { heard(nextMs: number): void; stop(): void } {
  let patience = patienceMs
  let last = performance.now()
  let tick = last
  const every = Math.max(20, Math.min(1000, patienceMs / 5))
  const timer = setInterval(() => {
    const now = performance.now()
    // Asleep or blocked ourselves: what it said meanwhile is still to be read.
    if (now - tick > every * 3) last = now
    tick = now
    if (now - last <= patience) return
    clearInterval(timer)
    onSilence()
  }, every)
  return {
    heard(nextMs) {
      patience = nextMs
      last = performance.now()
    },
    stop: () => clearInterval(timer),
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
}

function eachLine(stream: NodeJS.ReadableStream, use: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    for (const line of lines) if (line.trim() !== '') use(line)
  })
  stream.on('end', () => {
    if (rest.trim() !== '') use(rest)
  })
}

function parse(text: string): WorkerLine | null {
  try {
    const line = WorkerLine.safeParse(JSON.parse(text))
    return line.success ? line.data : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

// No NODE_OPTIONS, no secret of ours: only what programs need to find themselves, their home and their scratch folder.
const KEPT = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'SystemRoot', 'SystemDrive']

function plainEnvironment(): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of KEPT) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
