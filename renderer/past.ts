// The past of one system as charts need it: places in percent, heights, spans of findings, and the stop.
import type { FindingEpisode } from '../electron/contract/finding-life.ts'
import type { HistoryRange, RangeBucket, SystemRange } from '../electron/contract/history.ts'
import { isSample } from '../electron/contract/sample.ts'
import { clock, count, duration, time, when, whole } from './format.ts'
import { type Level, levelOf } from './select.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** How far back one looks; `refreshMs` is how often it is asked again while one does. */
export const lookBacks = [
  { title: '1 h', ms: HOUR, refreshMs: 5000 },
  { title: '6 h', ms: 6 * HOUR, refreshMs: 30_000 },
  { title: '24 h', ms: DAY, refreshMs: 60_000 },
  { title: '7 days', ms: 7 * DAY, refreshMs: 300_000 },
  { title: '30 days', ms: 30 * DAY, refreshMs: 300_000 },
] as const
export type LookBack = (typeof lookBacks)[number]

export interface PastBar {
  readonly key: string
  readonly left: number
  readonly width: number
  /** Percent of the highest bar; null: not recorded, or not readable. */
  readonly done: number | null
  readonly failed: number
  /** Whether how many waited is known. */
  readonly waiting: boolean
}
export interface PastLine {
  /** Pieces of a line: it breaks where nothing is known. */
  readonly path: string
  readonly top: string
}
export interface PastSpan {
  readonly key: string
  readonly left: number
  readonly width: number
  readonly level: Level
  readonly text: string
  /** Its words end where it ends, rather than begin where it begins. */
  readonly late: boolean
}
export interface Past {
  readonly system: string
  readonly fromMs: number
  readonly toMs: number
  readonly bucketMs: number
  readonly bars: readonly PastBar[]
  readonly barTop: string
  readonly queued: PastLine
  /** null: this system has no broker. */
  readonly messages: PastLine | null
  readonly waitingTop: string
  readonly spans: readonly PastSpan[]
  readonly moreSpans: number
  readonly ticks: readonly { left: number; label: string }[]
  /** When work stopped; null while something finishes or nothing waits. */
  readonly stop: { ms: number; left: number; label: string; sentence: string } | null
  readonly bucketText: string
  readonly description: string
  /** Where no finding stood, or none is kept. */
  readonly noSpans: string
  /** Why the left of it is empty; null when it is not. */
  readonly shortBecause: string | null
}

const MOST_SPANS = 7

export function selectPast(range: HistoryRange, id: string, now: number): Past | null {
  const system = range.systems.find((one) => one.id === id)
  if (system === undefined) return null
  const fromMs = time(range.from)
  const toMs = Math.max(fromMs + 1, time(range.to))
  const place = (ms: number) => Math.max(0, Math.min(100, ((ms - fromMs) / (toMs - fromMs)) * 100))
  const { buckets } = system
  const most = Math.max(1, ...buckets.map((one) => (one.finished ?? 0) + (one.failed ?? 0)))
  const waits = Math.max(1, ...buckets.map((one) => Math.max(one.queued ?? 0, one.messages ?? 0)))
  const spans = range.findings.filter((one) => one.system === id)
  const stop = stopOf(system, { now, fromMs, toMs, place })
  return {
    ...{ system: id, fromMs, toMs, bucketMs: range.bucketMs },
    bars: buckets.map((bucket) => barOf(bucket, range.bucketMs, most, place)),
    barTop: whole(most),
    queued: lineOf(buckets, (one) => one.queued, waits, place),
    messages: buckets.some((one) => one.messages !== null)
      ? lineOf(buckets, (one) => one.messages, waits, place)
      : null,
    waitingTop: whole(waits),
    spans: spans.slice(0, MOST_SPANS).map((one) => spanOf(one, toMs, place)),
    moreSpans: Math.max(0, spans.length - MOST_SPANS),
    ticks: ticksOf(fromMs, toMs, place),
    stop,
    bucketText: duration(range.bucketMs),
    description: inWords(system, range.bucketMs, stop?.sentence ?? null),
    noSpans: isSample(id)
      ? 'Of a sample no findings are kept: they stand on its Overview.'
      : 'None stood in this time.',
    shortBecause: shortOf(range, fromMs, now),
  }
}

type Place = (ms: number) => number

function barOf(bucket: RangeBucket, bucketMs: number, most: number, place: Place): PastBar {
  const left = place(time(bucket.from))
  const { finished, failed } = bucket
  return {
    key: bucket.from,
    left,
    width: Math.max(0.08, (place(time(bucket.from) + bucketMs) - left) * 0.86),
    done: bucket.moments === 0 || finished === null ? null : (finished / most) * 100,
    failed: ((failed ?? 0) / most) * 100,
    waiting: bucket.queued !== null,
  }
}

function lineOf(
  buckets: readonly RangeBucket[],
  pick: (bucket: RangeBucket) => number | null,
  most: number,
  place: Place,
): PastLine {
  let path = ''
  let open = false
  for (const bucket of buckets) {
    const value = pick(bucket)
    if (value !== null)
      path += `${open ? 'L' : 'M'}${(place(time(bucket.from)) * 10).toFixed(1)} ${(98 - (value / most) * 96).toFixed(1)}`
    open = value !== null
  }
  return { path, top: whole(most) }
}

function spanOf(episode: FindingEpisode, toMs: number, place: Place): PastSpan {
  const left = place(time(episode.since))
  const right = place(episode.clearedAt === null ? toMs : time(episode.clearedAt))
  return {
    key: `${episode.key} ${episode.since}`,
    left,
    width: Math.max(0.25, right - left),
    level: levelOf(episode),
    text: episode.headline,
    late: left > 50,
  }
}

/** Silence is a stop only while something waits or runs, and not before a few buckets have passed without an end. */
function stopOf(
  { lastDoneAt, waits, id }: SystemRange,
  { now, fromMs, toMs, place }: { now: number; fromMs: number; toMs: number; place: Place },
): Past['stop'] {
  if (lastDoneAt === null || !waits) return null
  const ms = time(lastDoneAt)
  if (toMs - ms < QUIET_MS) return null
  const label = ms < fromMs ? `last finished ${when(ms, now)}, before this` : `last finished ${when(ms, now)}`
  return {
    ms,
    left: place(ms),
    label,
    sentence: `${id} last finished a job at ${when(ms, now)}, ${duration(now - ms)} ago.`,
  }
}
const QUIET_MS = 10 * 60_000

function ticksOf(fromMs: number, toMs: number, place: Place): { left: number; label: string }[] {
  const steps = [5 / 60, 10 / 60, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 120].map((hours) => hours * HOUR)
  const step = steps.find((one) => (toMs - fromMs) / one <= 9) ?? 240 * HOUR
  const zone = new Date(fromMs).getTimezoneOffset() * 60_000
  const first = Math.ceil((fromMs - zone) / step) * step + zone
  const days = step >= DAY
  return Array.from({ length: Math.max(0, Math.floor((toMs - first) / step) + 1) }, (_, n) => first + n * step)
    .map((ms) => ({ left: place(ms), label: days ? when(ms, 0).replace(/ \d{4} .*$/, '') : clock(ms) }))
    .filter(({ left }) => left > 2 && left < 98)
}

function inWords(system: SystemRange, bucketMs: number, stop: string | null): string {
  const known = system.buckets.flatMap(({ finished }) => finished ?? [])
  const sum = known.reduce((all, one) => all + one, 0)
  const range = `${count(sum, 'job')} finished, at most ${Math.max(0, ...known)} per ${duration(bucketMs)}.`
  return stop === null ? range : `${range} ${stop}`
}

function shortOf({ since }: HistoryRange, fromMs: number, now: number): string | null {
  if (since === null || time(since) <= fromMs + 60_000) return null
  return `Unjam has recorded this since ${when(time(since), now)}.`
}
