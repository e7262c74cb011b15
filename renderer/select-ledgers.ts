// One job in three books: its row, its messages, its attempts; what each says, and where they disagree.
import type { Job } from '../electron/contract/job.ts'
import type { JobLedgers, TaskResult } from '../electron/contract/task.ts'
import { count, duration, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import type { GlyphName } from './parts/glyph-shapes.tsx'
import { lastValue, systemOf } from './select.ts'
import { shortTask } from './select-queues.ts'

export interface Ledger {
  readonly title: 'Database' | 'Broker' | 'Attempts'
  readonly glyph: GlyphName
  readonly headline: string
  readonly note: string
  /** It is where the disagreement is seen. */
  readonly marked: boolean
}

const words: Readonly<Record<Job['state'], string>> = {
  queued: 'Queued',
  running: 'Processing',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
}

export function ledgersOf(job: Job, ledgers: JobLedgers): readonly [Ledger, Ledger, Ledger] {
  const disagree = ledgers.mismatches.length > 0
  const broker = brokerLedger(ledgers)
  const attempts = attemptsLedger(ledgers)
  const seenIn = !disagree ? null : ledgers.messages.length > 0 ? 'Broker' : 'Attempts'
  return [
    databaseLedger(job),
    { ...broker, marked: seenIn === 'Broker', glyph: seenIn === 'Broker' ? 'attention' : broker.glyph },
    { ...attempts, marked: seenIn === 'Attempts', glyph: seenIn === 'Attempts' ? 'attention' : attempts.glyph },
  ]
}

function databaseLedger(job: Job): Ledger {
  const retries =
    job.task === undefined
      ? job.retryCount === null
        ? 'retry count unknown'
        : `retry count ${job.retryCount}`
      : job.task === null
        ? 'names no task'
        : `names task ${job.task}`
  const error = job.state === 'failed' ? (job.error === null ? ', no error message' : ', with an error message') : ''
  return { title: 'Database', glyph: job.state, headline: words[job.state], note: `${retries}${error}`, marked: false }
}

/** A book that could not be read proves nothing: no message found is then unknown, not none. */
function brokerLedger({ messages, unread }: JobLedgers): Ledger {
  const waiting = messages.filter(({ where }) => where === 'queue')
  const taken = messages.length - waiting.length
  const base = { title: 'Broker', marked: false } as const
  if (messages.length === 0)
    return unread.length > 0
      ? { ...base, glyph: 'unknown', headline: 'Unknown', note: 'could not be read' }
      : { ...base, glyph: 'ok', headline: 'No message', note: 'in no queue, and none unacknowledged' }
  const parts = [
    waiting.length === 0 ? '' : `${count(waiting.length, 'message')} ${waiting.length === 1 ? 'waits' : 'wait'}`,
    taken === 0 ? '' : `${taken} taken, not acknowledged`,
  ]
  const [first] = messages
  const task = first?.task == null ? 'task unknown' : shortTask(first.task)
  const place = first?.position == null ? '' : `, number ${first.position + 1} in its queue`
  return {
    ...base,
    glyph: waiting.length > 0 ? 'queued' : 'running',
    headline: parts.filter(Boolean).join(', '),
    note: `${task}${place}`,
  }
}

function attemptsLedger({ tasks, results, unread }: JobLedgers): Ledger {
  const base = { title: 'Attempts', marked: false } as const
  const running = tasks.filter(({ state }) => state === 'active')
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  const past = results.length === 0 ? 'no past attempt on record' : `${results.length} on record, ${failed} failed`
  const [first] = running
  if (first !== undefined) {
    const since = first.elapsedMs === null ? '' : ` for ${duration(first.elapsedMs)}`
    return { ...base, glyph: 'running', headline: `Runs on ${first.worker}${since}`, note: past }
  }
  if (tasks.length > 0) return { ...base, glyph: 'queued', headline: 'A worker has it in advance', note: past }
  if (results.length > 0)
    return failed > 0
      ? { ...base, glyph: 'failed', headline: `${failed} failed, nothing runs`, note: past }
      : { ...base, glyph: 'done', headline: 'Nothing runs', note: past }
  return unread.length > 0
    ? { ...base, glyph: 'unknown', headline: 'Unknown', note: 'could not be read' }
    : { ...base, glyph: 'ok', headline: 'Nothing runs', note: past }
}

export interface PastAttempt {
  readonly id: string
  readonly when: string
  readonly text: string
  readonly bad: boolean
  readonly note: string
}

const outcomes: Readonly<Record<TaskResult['outcome'], string>> = {
  running: 'running',
  retried: 'tried again',
  done: 'done',
  failed: 'failed without a reason',
  cancelled: 'cancelled',
}

/** What the result backend still holds of this job, the latest first. */
export function pastAttempts(results: readonly TaskResult[], now: number): PastAttempt[] {
  return results.map(({ id, outcome, exception, message, endedAt, retries, jobFrom }) => ({
    id,
    when: endedAt === null ? '–' : when(time(endedAt), now),
    text: exception === null ? outcomes[outcome] : `${exception}${message === null ? '' : `(${message})`}`,
    bad: outcome === 'failed',
    note: [retries === null ? '' : `retry ${retries}`, jobFrom === null ? '' : `told by ${jobFrom}`]
      .filter(Boolean)
      .join(', '),
  }))
}

/** Changes when the broker's books may have changed for some job of this system; null: it has no broker. */
export function ledgerRevision({ snapshot }: LiveState, systemId: string): string | null {
  const system = systemOf(snapshot, systemId)
  if (system === null || system.queues === null) return null
  const queues = lastValue(system.queues)?.map(({ name, messages, unacked }) => [name, messages, unacked])
  const tasks = system.tasks === null ? null : lastValue(system.tasks)?.map(({ id, state }) => [id, state])
  return JSON.stringify([queues, tasks, system.queues.status])
}
