// Keeps the local worker process alive: started, restarted with patience after a crash, stopped gracefully.
import { FailureError, toFailure } from '../contract/failure.ts'
import type { WorkerProcess } from '../contract/snapshot.ts'
import type { WorkerConfig, WorkerLine } from '../contract/worker-protocol.ts'
import type { WorkerControl } from '../core/ports/local.ts'
import { lineText, workerLog } from './whisper-process-log.ts'
import { type Run, type RunEnd, startRun } from './whisper-process-run.ts'

interface ControlOptions {
  readonly node: string
  /** worker/main.ts, or its packaged form. */
  readonly entry: string
  /** Asked before every start; its failure (no model, no engine) is the sentence why the worker does not run. */
  config(): Promise<WorkerConfig>
  /** Lines kept for the log view. */
  readonly logLimit?: number
  onLine(line: WorkerLine): void
  readonly timing?: Partial<Timing>
}

interface Timing {
  readonly firstRestartMs: number
  readonly longestRestartMs: number
  /** Up for this long, and the next crash is a first one again. */
  readonly resetAfterMs: number
  readonly hungAfterMs: number
  readonly readyWithinMs: number
  readonly stopWithinMs: number
}

const TIMING: Timing = {
  firstRestartMs: 1000,
  longestRestartMs: 60_000,
  resetAfterMs: 5 * 60_000,
  hungAfterMs: 15_000,
  readyWithinMs: 60_000,
  stopWithinMs: 5000,
}

export function createWorkerControl(options: ControlOptions): WorkerControl & { close(): Promise<void> } {
  const timing = { ...TIMING, ...options.timing }
  const log = workerLog(options.logLimit ?? 2000)
  const listeners = new Set<() => void>()
  let state: WorkerProcess = { state: 'stopped', pid: null, restarts: 0, because: null }
  let run: Run | null = null
  // The wish to run: aborted by stop. Null when nobody wants a worker.
  let life: { stop: AbortController; over: Promise<void>; wake: () => void } | null = null
  let starters: { resolve(): void; reject(error: unknown): void }[] = []
  let pauseWanted = false
  let closed = false

  function set(change: Partial<WorkerProcess>): void {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  function settle(error: FailureError | null): void {
    const waiting = starters
    starters = []
    for (const { resolve, reject } of waiting) error === null ? resolve() : reject(error)
  }

  async function live(stop: AbortController): Promise<void> {
    let pause = timing.firstRestartMs
    while (!stop.signal.aborted) {
      set({ state: 'starting', because: null })
      const began = performance.now()
      const outcome = await runOnce(stop.signal)
      run = null
      if (stop.signal.aborted || outcome === 'drained') break
      if (performance.now() - began > timing.resetAfterMs) pause = timing.firstRestartMs
      const { blocked, failure } = outcome
      log.add(blocked ? 'warn' : 'error', failure.message)
      set({
        state: blocked ? 'blocked' : 'restarting',
        pid: null,
        because: failure.message,
        restarts: state.restarts + (blocked ? 0 : 1),
      })
      settle(failure)
      await wakeable(pause, stop.signal)
      pause = Math.min(pause * 2, timing.longestRestartMs)
    }
    life = null
    set({ state: 'stopped', pid: null, because: null })
    settle(stoppedFailure())
  }

  async function runOnce(signal: AbortSignal): Promise<'drained' | { blocked: boolean; failure: FailureError }> {
    let config: WorkerConfig
    try {
      config = await options.config()
    } catch (error) {
      return { blocked: true, failure: new FailureError(toFailure(error, 'Start the worker'), { cause: error }) }
    }
    if (signal.aborted) return 'drained'
    run = startRun({ node: options.node, entry: options.entry, config, ...timing, onLine: heard, onText })
    set({ pid: run.pid })
    const end = await run.ended
    if (end.reason === 'drained') return 'drained'
    return { blocked: end.reason === 'fatal', failure: failureOf(end) }
  }

  function heard(line: WorkerLine): void {
    const said = lineText(line)
    if (said !== null) log.add(said.level, said.text)
    if (line.type === 'ready') {
      if (pauseWanted) run?.send({ type: 'pause' })
      if (life?.stop.signal.aborted !== true) set({ state: pauseWanted ? 'paused' : 'running', because: null })
      settle(null)
    }
    options.onLine(line)
  }

  function onText(text: string, stream: 'stdout' | 'stderr'): void {
    log.add(stream === 'stderr' ? 'warn' : 'info', text)
  }

  /** A pause that `start` can cut short. */
  function wakeable(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (life !== null) life.wake = done
      if (signal.aborted) done()
    })
  }

  async function stop(): Promise<void> {
    const current = life
    if (current === null) return
    current.stop.abort()
    if (run !== null) set({ state: 'draining' })
    await run?.stop()
    await current.over
  }

  function setPause(wanted: boolean): void {
    if (state.state !== 'running' && state.state !== 'paused') {
      throw new FailureError({
        kind: 'invalid',
        tried: wanted ? 'Pause the worker' : 'Resume the worker',
        on: '',
        because: 'it does not run',
        remedy: state.because ?? 'Start it first.',
      })
    }
    pauseWanted = wanted
    run?.send({ type: wanted ? 'pause' : 'resume' })
    log.add('info', wanted ? 'Paused: running chunks end, nothing new is taken.' : 'Resumed.')
    set({ state: wanted ? 'paused' : 'running' })
  }

  return {
    state: () => state,
    async start() {
      if (closed) throw stoppedFailure()
      // A stop under way ends first.
      if (life?.stop.signal.aborted === true) await life.over
      if (state.state === 'running' || state.state === 'paused') return
      const ready = new Promise<void>((resolve, reject) => starters.push({ resolve, reject }))
      if (life === null) {
        pauseWanted = false
        const stop = new AbortController()
        life = { stop, over: Promise.resolve(), wake: () => undefined }
        life.over = live(stop)
      } else life.wake()
      await ready
    },
    stop,
    pause: async () => setPause(true),
    resume: async () => setPause(false),
    log: log.page,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      await stop()
    },
  }
}

function failureOf({ reason, said, how }: RunEnd): FailureError {
  if (reason === 'fatal')
    return new FailureError({
      kind: 'missing',
      tried: 'Run the worker',
      on: '',
      because: (said ?? how).replace(/\.$/, ''),
      remedy: null,
    })
  return new FailureError({
    kind: 'unreachable',
    tried: 'Run the worker',
    on: '',
    because:
      reason === 'hung'
        ? `${said}, so it was ended`
        : `it ended unexpectedly (${how})${said === null ? '' : `: ${said}`}`,
    remedy: 'It is started again; its jobs go on after their last saved chunk.',
  })
}

function stoppedFailure(): FailureError {
  return new FailureError({
    kind: 'stale',
    tried: 'Start the worker',
    on: '',
    because: 'it was stopped meanwhile',
    remedy: null,
  })
}
