// The last resort of a host process: an uncaught error is logged, shown once, and isolated; the process continues.

/** Where isolated errors are reported. */
export interface GuardSink {
  /** Every first occurrence in full, repetitions as a count; never more than a few lines a minute for one kind. */
  log(message: string, error: unknown): void
  /** A sentence for people, once per kind. */
  notice(sentence: string): void
}

/** A kind that keeps occurring is logged again after this long, and at its 10th, 100th, … occurrence. */
const REPEAT_MS = 60_000
/** Kinds that are told apart; beyond it they are one. */
const MOST_KINDS = 50
const OTHER = 'other errors'

interface Kind {
  count: number
  loggedAt: number
}

const sinks = new Set<GuardSink>()
const kinds = new Map<string, Kind>()
let reporting = false

/** Whether an uncaught error is isolated at present, rather than the end of the process. */
export function isGuarded(): boolean {
  return sinks.size > 0
}

/**
 * From now until the returned function is called, no uncaught exception or rejection ends the process. Adapters contain
 * the errors of their own peers; this is for what escapes them. A host calls it only once it runs: an error before that
 * is a failure to start and must end the process with its reason.
 */
export function guardProcess(sink: GuardSink): () => void {
  if (sinks.size === 0) {
    process.on('uncaughtException', isolate)
    process.on('unhandledRejection', isolate)
    // A closed console must not turn each report into another error.
    process.stderr.on('error', ignore)
  }
  sinks.add(sink)
  return () => {
    if (!sinks.delete(sink) || sinks.size > 0) return
    process.off('uncaughtException', isolate)
    process.off('unhandledRejection', isolate)
    process.stderr.off('error', ignore)
    kinds.clear()
  }
}

const ignore = () => undefined

/** Never throws: an error in here would end the process after all. */
function isolate(error: unknown): void {
  // An error of the reporting itself is not reported.
  if (reporting) return
  reporting = true
  try {
    report(error)
  } catch {
    // A thrown value may be anything, also something that cannot be looked at.
  } finally {
    reporting = false
  }
}

function report(error: unknown): void {
  const name = kindOf(error)
  const key = kinds.has(name) || kinds.size < MOST_KINDS ? name : OTHER
  const kind = kinds.get(key) ?? { count: 0, loggedAt: Number.NEGATIVE_INFINITY }
  kinds.set(key, kind)
  kind.count++
  const now = performance.now()
  const first = kind.count === 1
  if (!first && !/^10*$/.test(String(kind.count)) && now - kind.loggedAt < REPEAT_MS) return
  kind.loggedAt = now
  const again = first ? '' : ` It has occurred ${kind.count} times.`
  for (const sink of sinks) {
    attempt(() => sink.log(`An internal error was isolated: ${key}.${again} Unjam continues.`, error))
    // Without the error's own message, which may quote data or secrets.
    if (first)
      attempt(() => sink.notice(`An internal error was isolated: ${key}. Unjam continues; the details are in the log.`))
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // A full disk, a closed console: nothing is left to report to, and the next sink may do better.
  }
}

/** `TypeError in queues.ts:42`, by the innermost place in our own code; `ECONNRESET` where it has a code. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${error === null ? 'null' : typeof error}`
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code.slice(0, 40)}` : ''
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const own = frames.find((line) => !/node_modules|node:|<anonymous>/.test(line)) ?? frames[0] ?? ''
  const place = /([^/\\(\s]+:\d+):\d+\)?$/.exec(own)?.[1]
  return `${error.name.slice(0, 40)}${code}${place === undefined ? '' : ` in ${place}`}`
}
