// Jobs finished per half hour: bars in percent, computed from the snapshot.
import type { Snapshot, Throughput } from '../electron/contract/snapshot.ts'
import { ago, audio, duration, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import { coreNow, grown, lastValue, readAt, systemOf } from './select.ts'
import { queueText } from './select-jobs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface FinishedChart {
  readonly system: string
  readonly bars: readonly {
    key: string
    done: number
    failed: number
    height: number
    failedHeight: number
    flat: boolean
  }[]
  readonly note: string
  readonly alarming: boolean
  readonly description: string
  readonly lost: { ageMs: number; because: string } | null
  /** Empty where jobs have no audio: the note says what is left. */
  readonly today: readonly { label: string; value: string }[]
}

/** Finished jobs per half hour of one system; the empty buckets since the last finished job stand out. */
export function selectFinished(state: LiveState, nowMs: number, id: string): FinishedChart | null {
  const system = systemOf(state.snapshot as Snapshot | null, id)
  const through = system === null ? null : lastValue(system.throughput)
  if (system === null || through === null) return null
  const now = coreNow(state, nowMs)
  const last = grown(through.lastDoneAgeMs, readAt(system.throughput), now)
  const waiting = (lastValue(system.counts)?.queued ?? 0) + (lastValue(system.counts)?.running ?? 0)
  const alarming = last !== null && last > HOUR && waiting > 0
  const lastAt = last === null ? null : now - last
  const heard = system.kind === 'recordings' || system.kind === 'local'
  const bars = barHeights(through, alarming ? lastAt : null)
  return {
    system: id,
    bars,
    note:
      alarming && lastAt !== null
        ? `0 since ${when(lastAt, now)}`
        : `${through.doneToday} ${heard || last === null ? 'done today' : `today, last ${ago(last)}`}${queueText(system, now)}`,
    alarming,
    description: inWords(bars, alarming && lastAt !== null ? when(lastAt, now) : null),
    lost:
      system.throughput.status === 'known'
        ? null
        : { ageMs: now - time(system.throughput.since), because: system.throughput.failure.because },
    today: !heard
      ? []
      : [
          { label: 'Done', value: String(through.doneToday) },
          { label: 'Audio', value: audio(through.audioTodayMs) },
          { label: 'Last done', value: last === null ? 'none yet' : duration(last) },
        ],
  }
}

function barHeights({ buckets }: Throughput, flatFrom: number | null): FinishedChart['bars'] {
  const shown = buckets.slice(-24)
  const top = Math.max(1, ...shown.map((bucket) => bucket.done + bucket.failed))
  return shown.map((bucket) => ({
    key: bucket.from,
    done: bucket.done,
    failed: bucket.failed,
    height: (bucket.done / top) * 100,
    failedHeight: (bucket.failed / top) * 100,
    flat: flatFrom !== null && bucket.done === 0 && time(bucket.from) + 30 * MINUTE > flatFrom,
  }))
}

function inWords(bars: FinishedChart['bars'], flatSince: string | null): string {
  const counts = bars.map((bar) => bar.done)
  const range = `Jobs finished per half hour, between ${Math.min(0, ...counts)} and ${Math.max(0, ...counts)}`
  return flatSince === null ? `${range}.` : `${range} until ${flatSince}, then none.`
}
