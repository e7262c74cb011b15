// One engine as a child process of a test: its output kept, its end awaited, never outliving the test run.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { PATIENCE_MS } from './until.ts'

export interface EngineProcess {
  readonly pid: number
  /** Everything it has said so far, standard output and error as they came. */
  log(): string
  /** Resolves once `pattern` is in the log from `from` on; fails with the log when the process ends or time is over. */
  said(pattern: RegExp, withinMs?: number, from?: number): Promise<RegExpExecArray>
  /** Signals the process, or with `group` all its children too. */
  signal(name: NodeJS.Signals, to?: 'process' | 'group'): void
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  running(): boolean
  /** SIGTERM, and SIGKILL to the group after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL to the group: a crash. */
  kill(): Promise<void>
}

/** Starts it in a group of its own; where the system can, it dies with the process that runs the test. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): EngineProcess {
  const leash = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : []
  const [program = command, ...rest] = [...leash, command, ...args]
  const child = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let text = ''
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const one of [...waiting]) one()
  }
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      wake()
    })
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => {
      text += error.message
      resolve(-1)
    })
    // `close`: after the last output.
    child.once('close', (code, name) => resolve(code ?? name ?? -1))
  })
  let over = false
  void ended.then(() => {
    over = true
    wake()
  })
  const name = [command.split('/').at(-1), ...args.slice(0, 3)].join(' ')
  const self: EngineProcess = {
    pid: child.pid ?? 0,
    log: () => text,
    ended,
    running: () => !over,
    said(pattern, withinMs = PATIENCE_MS, from = 0) {
      return new Promise((resolve, reject) => {
        const settle = (done: () => void) => {
          waiting.delete(look)
          clearTimeout(late)
          done()
        }
        const look = () => {
          const found = pattern.exec(text.slice(from))
          if (found !== null) settle(() => resolve(found))
          else if (over) settle(() => reject(new Error(`${name} ended before it said ${pattern}:\n${text}`)))
        }
        const late = setTimeout(
          () => settle(() => reject(new Error(`${name} did not say ${pattern} within ${withinMs} ms:\n${text}`))),
          withinMs,
        )
        waiting.add(look)
        look()
      })
    },
    signal: (signal, to = 'process') => send(child, signal, to),
    async stop(graceMs = 5000) {
      if (over) return
      const late = setTimeout(() => send(child, 'SIGKILL', 'group'), graceMs)
      send(child, 'SIGCONT', 'group')
      send(child, 'SIGTERM', 'process')
      await ended
      clearTimeout(late)
      send(child, 'SIGKILL', 'group')
    },
    async kill() {
      send(child, 'SIGKILL', 'group')
      await ended
    },
  }
  return self
}

function send(child: ChildProcess, signal: NodeJS.Signals, to: 'process' | 'group'): void {
  if (child.pid === undefined) return
  try {
    process.kill(to === 'group' ? -child.pid : child.pid, signal)
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * A free port below those that operating systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere):
 * one of these would be taken again by any of the other tests, before it is bound or while its server is restarted.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    if (!given.has(port) && (await canListen(port))) {
      given.add(port)
      return port
    }
  }
}

const given = new Set<number>()

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
}
