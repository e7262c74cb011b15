// Attempts in memory, bounded: each that did not succeed with what it says, the successes as numbers by their expiry.
import type { TaskResult } from '../../../contract/task.ts'
import type { ResultEntry } from './entry.ts'

type Outcome = TaskResult['outcome']
export type JobSource = NonNullable<TaskResult['jobFrom']>

export interface BookedResult {
  readonly entry: ResultEntry
  readonly job: string | null
  readonly jobFrom: JobSource | null
  /** By the broker's clock, ms; null where the key says nothing. */
  readonly endedMs: number | null
  /** When this state was first read, by the broker's clock: a running task began no later. */
  readonly notedMs: number
  /** null: the key never expires. */
  readonly expiresAtMs: number | null
}

export interface ResultsBook {
  /** One state of one task; what it says replaces what was known of that task. `expiresAtMs` by the broker's clock. */
  note(entry: ResultEntry, job: { id: string; from: JobSource } | null, nowMs: number, expiresAtMs: number | null): void
  /** A success, which is only counted; said once for each key. */
  noteDone(id: string, expiresAtMs: number | null): void
  /** Another source told the job of a task. */
  learn(task: string, job: string, from: JobSource): boolean
  /** Keys that have expired are no longer counted. */
  expire(nowMs: number): void
  counts(): { running: number; retried: number; done: number; failed: number; cancelled: number; withoutExpiry: number }
  /** Newest first. */
  of(outcome: TaskResult['outcome']): readonly BookedResult[]
  ofJob(job: string): readonly BookedResult[]
}

const MINUTE = 60_000

/** @param most attempts of each outcome that are kept with their words; older ones beyond it are only counted. */
export function createResultsBook(most = 20_000): ResultsBook {
  const outcomes = ['running', 'retried', 'done', 'failed', 'cancelled'] as const
  const each = <T>(make: () => T): Record<Outcome, T> => ({
    running: make(),
    retried: make(),
    done: make(),
    failed: make(),
    cancelled: make(),
  })
  const kept = each(() => new Map<string, BookedResult>())
  const counted = each(createTally)
  /** Sorting twenty thousand takes longer than reading them: done once for each change. */
  const sorted = each((): readonly BookedResult[] | null => null)

  function take(id: string): BookedResult | undefined {
    const outcome = outcomes.find((one) => kept[one].has(id))
    const old = outcome === undefined ? undefined : kept[outcome].get(id)
    if (outcome !== undefined) {
      kept[outcome].delete(id)
      sorted[outcome] = null
    }
    return old
  }

  /** In strokes of a quarter, as a scan brings them in no order: those that ended first lose their words. */
  function makeRoom(outcome: Outcome): void {
    if (kept[outcome].size <= most * 1.25) return
    for (const { entry, expiresAtMs } of newestFirst([...kept[outcome].values()]).slice(most)) {
      kept[outcome].delete(entry.id)
      counted[outcome].add(expiresAtMs)
    }
  }

  return {
    note(entry, job, nowMs, expiresAtMs) {
      const old = take(entry.id)
      if (entry.outcome === 'done') {
        counted.done.add(expiresAtMs)
        return
      }
      kept[entry.outcome].set(entry.id, {
        // What an earlier state told stays true of a later one, which may say less.
        entry: {
          ...entry,
          task: entry.task ?? old?.entry.task ?? null,
          worker: entry.worker ?? old?.entry.worker ?? null,
        },
        job: job?.id ?? old?.job ?? null,
        jobFrom: job?.from ?? old?.jobFrom ?? null,
        // A worker's clock may run ahead; nothing ended in the future.
        endedMs: entry.endedMs === null ? null : Math.min(entry.endedMs, nowMs),
        notedMs: old?.entry.outcome === entry.outcome ? old.notedMs : nowMs,
        expiresAtMs,
      })
      sorted[entry.outcome] = null
      makeRoom(entry.outcome)
    },
    noteDone(id, expiresAtMs) {
      take(id)
      counted.done.add(expiresAtMs)
    },
    learn(task, job, from) {
      const outcome = outcomes.find((one) => kept[one].has(task))
      const one = outcome === undefined ? undefined : kept[outcome].get(task)
      if (outcome === undefined || one === undefined) return false
      if (one.job === null) {
        kept[outcome].set(task, { ...one, job, jobFrom: from })
        sorted[outcome] = null
      }
      return true
    },
    expire(nowMs) {
      for (const outcome of outcomes) {
        counted[outcome].expire(nowMs)
        for (const [id, { expiresAtMs }] of kept[outcome])
          if (expiresAtMs !== null && expiresAtMs <= nowMs) {
            kept[outcome].delete(id)
            sorted[outcome] = null
          }
      }
    },
    counts() {
      const { running, retried, done, failed, cancelled } = kept
      let withoutExpiry = 0
      for (const outcome of outcomes) {
        withoutExpiry += counted[outcome].forever()
        for (const { expiresAtMs } of kept[outcome].values()) if (expiresAtMs === null) withoutExpiry++
      }
      return {
        running: running.size + counted.running.total(),
        retried: retried.size + counted.retried.total(),
        done: done.size + counted.done.total(),
        failed: failed.size + counted.failed.total(),
        cancelled: cancelled.size + counted.cancelled.total(),
        withoutExpiry,
      }
    },
    of(outcome) {
      sorted[outcome] ??= newestFirst([...kept[outcome].values()])
      return sorted[outcome]
    },
    ofJob: (job) => newestFirst(outcomes.flatMap((one) => [...kept[one].values()]).filter((one) => one.job === job)),
  }
}

function newestFirst(results: BookedResult[]): readonly BookedResult[] {
  return results.sort((a, b) => (b.endedMs ?? 0) - (a.endedMs ?? 0) || (a.entry.id < b.entry.id ? 1 : -1))
}

/** How many keys expire in which minute: exact to the minute, and as small for a million as for ten. */
function createTally() {
  const minutes = new Map<number, number>()
  let sum = 0
  let forever = 0
  return {
    add(expiresAtMs: number | null) {
      if (expiresAtMs === null) {
        forever++
        return
      }
      const minute = Math.ceil(expiresAtMs / MINUTE)
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
      sum++
    },
    expire(nowMs: number) {
      for (const [minute, n] of minutes)
        if (minute * MINUTE <= nowMs) {
          minutes.delete(minute)
          sum -= n
        }
    },
    total: () => sum + forever,
    forever: () => forever,
  }
}
