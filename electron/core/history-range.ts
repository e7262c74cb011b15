// A range of the past for charts: jobs finished and things waiting, bucket by bucket, and when it last moved.
import type { FindingEpisode } from '../contract/finding-life.ts'
import type { HistoryRange, RangeBucket, RangeQuery, SystemRange } from '../contract/history.ts'
import { episodesOf } from './finding-episodes.ts'
import type { FindingsLog } from './ports/findings.ts'
import type { BucketRow, Records } from './ports/records.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Lengths a person can name. A bucket shorter than what is recorded would be empty by accident. */
const LENGTHS = [10_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 60 * MINUTE]
const LONGER = [2, 3, 6, 12, 24].map((hours) => hours * 60 * MINUTE)
/** Before the first bucket: where its counters stood. */
const BEFORE_MS = 30 * MINUTE

const iso = (ms: number) => new Date(ms).toISOString()

export interface Past {
  readonly records: Records
  readonly findings: FindingsLog
}

/** @param nowMs the end where the query names none. */
export function historyRange(past: Past, query: RangeQuery, nowMs: number): HistoryRange {
  const toMs = query.to === undefined ? nowMs : Date.parse(query.to)
  const fromMs = Math.min(toMs - 1, query.from === undefined ? toMs - DAY : Date.parse(query.from))
  const bucketMs = bucketLength(toMs - fromMs, query.points)
  // On the hour, not on the moment somebody looked: bars do not shift while one watches.
  const first = Math.floor(fromMs / bucketMs) * bucketMs
  const rows = past.records.buckets(first, toMs + 1, bucketMs)
  const before = past.records.buckets(first - Math.max(BEFORE_MS, bucketMs), first, Math.max(BEFORE_MS, bucketMs))
  const ids = [...new Set(rows.map(({ system }) => system))]
  const oldest = past.records.oldest()
  return {
    from: iso(first),
    to: iso(toMs),
    bucketMs,
    since: oldest === null ? null : iso(oldest),
    systems: ids.map((id) => {
      const baseline = before.find(({ system }) => system === id) ?? null
      const own = rows.filter(({ system }) => system === id)
      return systemRange(own, baseline, { first, toMs, bucketMs })
    }),
    findings: episodesBetween(past.findings, fromMs, toMs),
  }
}

export function bucketLength(lengthMs: number, points: number): number {
  const longest = 24 * 60 * MINUTE
  return (
    [...LENGTHS, ...LONGER].find((one) => lengthMs / one <= points) ?? Math.ceil(lengthMs / points / longest) * longest
  )
}

function systemRange(
  rows: readonly BucketRow[],
  baseline: BucketRow | null,
  { first, toMs, bucketMs }: { first: number; toMs: number; bucketMs: number },
): SystemRange {
  const byStart = new Map(rows.map((row) => [row.fromMs, row]))
  let counted = { done: baseline?.done ?? null, failed: baseline?.failed ?? null }
  const buckets: RangeBucket[] = []
  for (let from = first; from <= toMs; from += bucketMs) {
    const row = byStart.get(from)
    const { queued = null, running = null, messages = null, unacked = null, moments = 0 } = row ?? {}
    const finished = gained(counted.done, row?.done ?? null)
    const failed = gained(counted.failed, row?.failed ?? null)
    buckets.push({ from: iso(from), moments, finished, failed, queued, running, messages, unacked })
    counted = { done: row?.done ?? counted.done, failed: row?.failed ?? counted.failed }
  }
  const end = rows.findLast(({ queued }) => queued !== null)
  return {
    id: rows[0]?.system ?? '',
    kind: rows[0]?.kind ?? 'recordings',
    buckets,
    lastDoneAt: lastDone(rows, buckets, baseline),
    waits: (end?.queued ?? 0) + (end?.running ?? 0) > 0,
  }
}

/** Between two readings of a counter. One that went down was reset or cleaned up: nothing can be said, but no job was undone. */
function gained(before: number | null, now: number | null): number | null {
  return before === null || now === null ? null : Math.max(0, now - before)
}

/** The database's own word; where it has none, the end of the last bucket in which the counter moved. */
function lastDone(
  rows: readonly BucketRow[],
  buckets: readonly RangeBucket[],
  baseline: BucketRow | null,
): string | null {
  const said = [baseline, ...rows].flatMap((row) => row?.lastDoneAt ?? []).toSorted()
  return said.at(-1) ?? buckets.findLast(({ finished }) => (finished ?? 0) > 0)?.from ?? null
}

const KEPT_MS = 31 * DAY

/** Appearances that had begun by the end and had not ended before the beginning. */
export function episodesBetween(findings: FindingsLog, fromMs: number, toMs: number): FindingEpisode[] {
  const events = findings.between(iso(toMs - KEPT_MS), iso(toMs + 1))
  const from = iso(fromMs)
  return episodesOf(events).filter(({ clearedAt }) => clearedAt === null || clearedAt >= from)
}
