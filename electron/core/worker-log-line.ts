// One line of a Celery worker's log as an event. Formats: celery/app/log.py and celery/app/trace.py of 5.2.

export type LogEvent =
  | { kind: 'received'; task: string; name: string }
  /** Something a process printed at work; `task` is null where the line does not name it. */
  | {
      kind: 'said'
      task: string | null
      name: string | null
      process: string
      text: string
      /** Whether it says what is being done now: “Transcribing audio…”. */
      step: boolean
      job: string | null
      audioMs: number | null
    }
  | {
      kind: 'ended'
      task: string
      name: string
      outcome: 'done' | 'failed' | 'retried' | 'cancelled'
      error: string | null
    }
  | { kind: 'terminated'; task: string }
  | { kind: 'died'; process: string; error: string }
  /** The worker started: whatever it had in hand before is gone. */
  | { kind: 'began' }
  /** The rest of the line before: a traceback, whose last exception names the cause. */
  | { kind: 'more'; error: string | null }
  | { kind: 'other' }

const other: LogEvent = { kind: 'other' }
/** Longer lines carry a payload, and no step is that long. */
const LONGEST = 10_000
const STEP = 200

/** `[2026-02-04 16:43:10,571: INFO/ForkPoolWorker-1] …` */
const PREFIX = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: ([A-Z]+)\/([^\]\s]+)\] ?(.*)$/s
const TASK = '([\\w.-]{1,200})\\[([\\w-]{1,100})\\]'
const RECEIVED = new RegExp(`^Task ${TASK} received`)
const SUCCEEDED = new RegExp(`^Task ${TASK} succeeded in `)
const RAISED = new RegExp(`^Task ${TASK} (?:raised (?:un)?expected|INTERNAL ERROR): (.*)$`, 's')
const RETRY = new RegExp(`^Task ${TASK} retry: (?:Retry in [^:]*: )?(.*)$`, 's')
const GIVEN_UP = new RegExp(`^Task ${TASK} (?:ignored|rejected)`)
const REVOKED = new RegExp(`^Discarding revoked task: ${TASK}`)
const HARD_LIMIT = new RegExp(`^Hard time limit \\((\\d+(?:\\.\\d+)?)s\\) exceeded for ${TASK}`)
const TERMINATING = /^Terminating ([\w-]{1,100}) \(/
const EXITED = /^Process '([^']+)' pid:\d+ exited with '([^']+)'/
const READY = /^\S+@\S+ ready\.$/
/** What `get_task_logger` of an application whose format names the task prints. */
const NAMED = new RegExp(`^${TASK}: (.*)$`, 's')
/** An exception's own line at the end of a traceback; `billiard.einfo.ExceptionWithTraceback` only wraps one. */
const EXCEPTION =
  /^(?:[\w]+\.)*(\w*(?:Error|Exception|Exceeded|Exit|Interrupt|Ignore|Reject|Timeout|Expired))(?:: (.*))?$/
const JOB =
  /(?:\b|_)recording(?:[_ ]?id)?['"]?\s*[:= ]\s*['"]?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,19})\b/i
/** “Processing audio with duration 01:03:00.882” (runbook 0); faster-whisper leaves the hours out of a short one. */
const DURATION = /\bduration:? (?:(\d{1,3}):)?(\d{1,2}):(\d\d(?:\.\d{1,6})?)\b/i
/** “Recording 4711 done” is a noun. */
const STEPS = /^(?!Recording\b)\p{Lu}\p{L}*ing\b|(?:…|\.\.\.)$/u

/** Never throws, whatever the text. */
export function readLogLine(whole: string): LogEvent {
  const text = whole.slice(0, LONGEST).trimEnd()
  const prefix = PREFIX.exec(text)
  if (prefix === null) return { kind: 'more', error: exceptionOf(text) }
  const [, level = '', process = '', message = ''] = prefix
  return eventOf(message) ?? spoken(level, process, message)
}

type End = Extract<LogEvent, { kind: 'ended' }>['outcome']
const end = (outcome: End, name = '', task = '', error: string | null = null): LogEvent => ({
  kind: 'ended',
  task,
  name,
  outcome,
  error,
})

/** What Celery itself says, and the event it is made into from the groups of its pattern. */
const said: readonly (readonly [pattern: RegExp, event: (groups: readonly string[]) => LogEvent])[] = [
  [RECEIVED, ([, name = '', task = '']) => ({ kind: 'received', name, task })],
  [SUCCEEDED, ([, name, task]) => end('done', name, task)],
  [RAISED, ([, name, task, raised = '']) => end('failed', name, task, causeOf(raised))],
  [RETRY, ([, name, task, raised = '']) => end('retried', name, task, causeOf(raised))],
  [GIVEN_UP, ([, name, task]) => end('cancelled', name, task)],
  [REVOKED, ([, name, task]) => end('cancelled', name, task)],
  [HARD_LIMIT, ([, seconds = '', name, task]) => end('failed', name, task, `TimeLimitExceeded(${seconds})`)],
  [TERMINATING, ([, task = '']) => ({ kind: 'terminated', task })],
  [EXITED, ([, process = '', how = '']) => ({ kind: 'died', process, error: `its process ended with ${how}` })],
  [READY, () => ({ kind: 'began' })],
]

function eventOf(message: string): LogEvent | null {
  for (const [pattern, event] of said) {
    const groups = pattern.exec(message)
    if (groups !== null) return event(groups)
  }
  return null
}

function spoken(level: string, process: string, message: string): LogEvent {
  const named = NAMED.exec(message)
  // The main process speaks of itself; only under the solo pool it works as well.
  const ofWork = DURATION.test(message) || JOB.test(message) || /(?:…|\.\.\.)$/.test(message)
  if (named === null && process === 'MainProcess' && !ofWork) return other
  const text = named?.[3] ?? message
  const lines = text.split('\n', 1)
  return {
    kind: 'said',
    name: named?.[1] ?? null,
    task: named?.[2] ?? null,
    process,
    text: (lines[0] ?? '').slice(0, STEP),
    step: level === 'INFO' && text.length <= STEP && STEPS.test(text),
    job: JOB.exec(text)?.[1]?.toLowerCase() ?? null,
    audioMs: durationOf(text),
  }
}

/** `01:03:00.882` → 3,780,882. */
function durationOf(text: string): number | null {
  const found = DURATION.exec(text)
  if (found === null) return null
  const [, hours = '0', minutes = '0', seconds = '0'] = found
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000)
}

/** `ValueError('x')` as it stands; the pool's wrapper says nothing, the traceback after it does. */
function causeOf(raised: string): string | null {
  const [line = ''] = raised.split('\n', 1)
  return line === '' || line.startsWith('ExceptionWithTraceback') ? null : line.slice(0, 500)
}

function exceptionOf(text: string): string | null {
  const found = EXCEPTION.exec(text)
  if (found === null) return null
  const [, name = '', message] = found
  return message === undefined || message === '' ? name : `${name}: ${message}`.slice(0, 500)
}
