// What a Celery worker's log tells about its attempts: their steps, audio, ends, and the recording each worked on.
import type { Instant } from '../contract/failure.ts'
import type { RunningJob } from '../contract/job.ts'
import { type LogEvent, readLogLine } from './worker-log-line.ts'

/** A line as a stack's log has it; `at` is the engine's own time, for the worker's words carry no zone. */
export interface LoggedLine {
  readonly at: Instant | null
  readonly container: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

export interface LoggedAttempt {
  /** Task id. */
  readonly task: string
  readonly name: string
  readonly container: string
  /** The recording it named, or null: nothing in the log tied them. */
  readonly job: string | null
  /** `lost`: its worker started anew, or its process died, and no word about its end. */
  readonly outcome: 'waiting' | 'running' | 'done' | 'failed' | 'retried' | 'cancelled' | 'lost'
  readonly receivedAt: Instant | null
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Oldest first, the last is what it does now: "Transcribing audio…". */
  readonly steps: readonly { readonly at: Instant | null; readonly text: string }[]
  readonly audioMs: number | null
  /** `TimeLimitExceeded(1800)`, `ValueError: not audio`. */
  readonly error: string | null
}

/** Everything remembered between two batches of lines. */
export interface WorkerLog {
  readonly attempts: ReadonlyMap<string, LoggedAttempt>
  /** Which task each pool process has in hand, by container and process. */
  readonly hands: ReadonlyMap<string, string>
  /** Per container: the failed attempt whose traceback is being printed. */
  readonly failing: ReadonlyMap<string, string>
  /** The last lines that look like errors: runbook 0 looks for ERROR, FAIL and Exception. */
  readonly errors: readonly Omit<LoggedLine, 'level'>[]
}

/** What the rules may know of it. */
export interface LogFacts {
  /** Error lines of the logs as far back as they were read, newest last, at most 20. */
  readonly errors: WorkerLog['errors']
  /** Attempts that named a recording and an error, in the order of their ends, at most 50. */
  readonly failures: readonly { readonly job: string; readonly error: string }[]
}

export const emptyLog: WorkerLog = { attempts: new Map(), hands: new Map(), failing: new Map(), errors: [] }

const KEPT = 500
const STEPS = 20
const ERRORS = 20
const FAILURES = 50
const ERROR_TEXT = 300
const ended = (attempt: LoggedAttempt) => attempt.outcome !== 'waiting' && attempt.outcome !== 'running'
const handOf = (container: string, process: string) => `${container}\n${process}`

/** The log after more lines, oldest first. Lines that say nothing about an attempt change nothing. */
export function readLog(log: WorkerLog, lines: readonly LoggedLine[]): WorkerLog {
  const attempts = new Map(log.attempts)
  const hands = new Map(log.hands)
  const failing = new Map(log.failing)

  function change(task: string, patch: Partial<LoggedAttempt>): void {
    const attempt = attempts.get(task)
    if (attempt !== undefined) attempts.set(task, { ...attempt, ...patch })
  }

  function known(task: string, name: string, { at, container }: LoggedLine): LoggedAttempt {
    const there = attempts.get(task)
    if (there !== undefined) return there
    const fresh: LoggedAttempt = {
      task,
      name,
      container,
      job: null,
      outcome: 'waiting',
      receivedAt: at,
      startedAt: null,
      endedAt: null,
      steps: [],
      audioMs: null,
      error: null,
    }
    attempts.set(task, fresh)
    return fresh
  }

  /** The task a process speaks for. Before it has named one: the only one it can be, or none. */
  function taskOf(line: LoggedLine, process: string): string | null {
    const held = hands.get(handOf(line.container, process))
    if (held !== undefined) return held
    const open = [...attempts.values()].filter((one) => one.container === line.container && !ended(one))
    const [only] = open
    return open.length === 1 && only !== undefined ? only.task : null
  }

  function begin(task: string, line: LoggedLine, process: string): void {
    const attempt = attempts.get(task)
    // A retry keeps its id: the new run begins with a clean record, as the words that follow are its own.
    if (attempt === undefined || (attempt.outcome !== 'waiting' && attempt.outcome !== 'retried')) return
    hands.set(handOf(line.container, process), task)
    change(task, { outcome: 'running', startedAt: line.at, endedAt: null, error: null, steps: [] })
  }

  function end(task: string, outcome: LoggedAttempt['outcome'], line: LoggedLine, error: string | null): void {
    const attempt = attempts.get(task)
    if (attempt === undefined) return
    for (const [hand, held] of hands) if (held === task) hands.delete(hand)
    change(task, { outcome, endedAt: line.at, error: error ?? (outcome === 'done' ? null : attempt.error) })
  }

  function said(task: string, event: Extract<LogEvent, { kind: 'said' }>, line: LoggedLine): void {
    begin(task, line, event.process)
    const attempt = attempts.get(task)
    if (attempt === undefined || ended(attempt)) return
    const steps = event.step ? [...attempt.steps, { at: line.at, text: event.text }].slice(-STEPS) : attempt.steps
    change(task, { steps, job: event.job ?? attempt.job, audioMs: event.audioMs ?? attempt.audioMs })
  }

  for (const line of lines) {
    const event = readLogLine(line.text)
    if (event.kind !== 'more') failing.delete(line.container)
    switch (event.kind) {
      case 'received': {
        const attempt = known(event.task, event.name, line)
        if (ended(attempt) && attempt.outcome !== 'retried')
          change(event.task, { outcome: 'waiting', receivedAt: line.at })
        break
      }
      case 'said': {
        if (event.task !== null) known(event.task, event.name ?? '', line)
        const task = event.task ?? taskOf(line, event.process)
        if (task !== null) said(task, event, line)
        break
      }
      case 'ended':
        known(event.task, event.name, line)
        end(event.task, event.outcome, line, event.error)
        if (event.outcome === 'failed') failing.set(line.container, event.task)
        break
      case 'terminated':
        end(event.task, 'cancelled', line, null)
        break
      case 'died': {
        const task = hands.get(handOf(line.container, event.process))
        hands.delete(handOf(line.container, event.process))
        if (task !== undefined) end(task, 'lost', line, event.error)
        break
      }
      case 'began':
        for (const one of attempts.values())
          if (one.container === line.container && !ended(one)) end(one.task, 'lost', line, null)
        break
      case 'more': {
        const task = failing.get(line.container)
        if (task !== undefined && event.error !== null) change(task, { error: event.error })
        break
      }
    }
  }
  const found = lines.filter(({ level }) => level === 'error').slice(-ERRORS)
  const errors = found.map(({ at, container, text }) => ({ at, container, text: text.slice(0, ERROR_TEXT) }))
  return { attempts: bounded(attempts), hands, failing, errors: [...log.errors, ...errors].slice(-ERRORS) }
}

/** The oldest go first, those that have ended before those that run. */
function bounded(attempts: Map<string, LoggedAttempt>): Map<string, LoggedAttempt> {
  const leaves = (...wanted: boolean[]) => {
    for (const attempt of [...attempts.values()])
      if (attempts.size > KEPT && wanted.includes(ended(attempt))) attempts.delete(attempt.task)
  }
  leaves(true)
  leaves(true, false)
  return attempts
}

export function factsOf({ attempts, errors }: WorkerLog): LogFacts {
  const failures = [...attempts.values()]
    .filter(({ endedAt }) => endedAt !== null)
    .sort((a, b) => Date.parse(a.endedAt ?? '') - Date.parse(b.endedAt ?? ''))
    .flatMap(({ job, error }) => (job === null || error === null ? [] : [{ job, error }]))
  return { errors, failures: failures.slice(-FAILURES) }
}

/** Running jobs with what the log knows of them where nothing better is known: their audio, and their step. */
export function withSteps(jobs: readonly RunningJob[], log: WorkerLog): RunningJob[] {
  const running = new Map<string, LoggedAttempt>()
  for (const attempt of log.attempts.values())
    if (attempt.job !== null && attempt.outcome === 'running') running.set(attempt.job, attempt)
  return jobs.map((job) => {
    const attempt = running.get(job.id)
    if (attempt === undefined) return job
    const none = { audioDoneMs: null, speed: null, etaMs: null, chunksDone: null, chunksTotal: null, movedAgeMs: null }
    const progress = job.progress ?? { ...none, audioTotalMs: job.audioMs }
    return {
      ...job,
      audioMs: job.audioMs ?? attempt.audioMs,
      progress: {
        ...progress,
        audioTotalMs: progress.audioTotalMs ?? attempt.audioMs,
        step: attempt.steps.at(-1)?.text ?? null,
      },
    }
  })
}
