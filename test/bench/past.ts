// What remembering costs: one recorded snapshot, 30 days of three systems on disk, and answers out of them.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import type { Moment, RecordedSystem } from '../../electron/contract/history.ts'
import { historyRange } from '../../electron/core/history-range.ts'
import { KEPT_MS, resolutionOf } from '../../electron/core/record-history.ts'
import { momentOf } from '../../electron/core/recorded-moment.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { recordedSystem } from '../support/recorded-past.ts'
import { counts, known, runningJob, snapshot, system, worker } from '../support/snapshot-builders.ts'
import type { Table } from './run.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

const queues = [
  { name: 'celery', messages: 93, unacked: 1 },
  { name: 'crawl', messages: 4, unacked: 0 },
]
const dependencies = [
  { name: 'groq_api', state: 'ok' as const },
  { name: 'google_oauth', state: 'ok' as const },
]

/** Busier than most: eight running jobs, four workers, two queues. */
function busy(id: string, done: number): RecordedSystem {
  const running = Array.from({ length: 8 }, (_, n) => ({
    ...{ id: `e002b2e3-6c8f-4bb7-87ea-1ac0e6334e2${n}`, title: `Call recording 5454_210513_09585${n}.m4a` },
    ...{ audioMs: 3_780_000, elapsedMs: 123_456 + done, heartbeatAgeMs: 40_000 + n, audioDoneMs: null, percent: null },
  }))
  const workers = Array.from({ length: 4 }, (_, n) => ({
    ...{ name: `celery@worker-${n}`, state: 'running' as const, busy: 2, slots: 2 },
  }))
  const of = { queued: 200, running: 8, done, failed: 12, skipped: 3 }
  return recordedSystem({ id, counts: of, queues, running, workers, dependencies })
}

export async function past(quick: boolean): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-bench-'))
  const file = join(folder, 'readings.sqlite')
  const records = openRecords(file)
  const now = Date.now()
  const days = quick ? 3 : 30
  let lastMs: number | null = null
  let moments = 0
  for (let ms = now - days * DAY; ms <= now; ) {
    const moment: Moment = {
      at: new Date(ms).toISOString(),
      systems: ['calls', 'archive', 'crawl'].map((id) => busy(id, Math.floor(ms / MINUTE) % 1_000_000)),
    }
    records.append(moment, resolutionOf(ms, lastMs))
    lastMs = ms
    moments++
    const age = now - ms
    // Only what is kept is written: what is thinned out on the way costs time here and no byte there.
    ms += age > KEPT_MS.minute ? 10 * MINUTE : age > KEPT_MS.fine ? MINUTE : 5 * SECOND
  }
  const cost = recordingCost(records, now)
  const range = timed(5, () =>
    historyRange(
      { records, findings: memoryFindings() },
      { from: new Date(now - days * DAY).toISOString(), to: new Date(now).toISOString(), points: 144 },
      now,
    ),
  )
  const one = timed(200, () => records.at(now - DAY))
  const prune = timed(3, () =>
    records.prune({ fine: now - KEPT_MS.fine, minute: now - KEPT_MS.minute, coarse: now - KEPT_MS.coarse }),
  )
  records.close()
  const bytes = statSync(file).size
  rmSync(folder, { recursive: true })
  return {
    title: `History of readings: ${days} days of three busy systems, ${moments} moments`,
    columns: ['what', 'measured'],
    rows: [
      ['record one snapshot, median', `${cost.median.toFixed(2)} ms`],
      ['record one snapshot, 99 % within', `${cost.most.toFixed(2)} ms`],
      ['share of a core, one every 5 s', `${((cost.median / 5000) * 100).toFixed(4)} %`],
      ['size on disk', `${(bytes / 1e6).toFixed(1)} MB`],
      ['bytes per moment', `${Math.round(bytes / moments)}`],
      [`range of ${days} days`, `${range.toFixed(1)} ms`],
      ['one moment', `${one.toFixed(2)} ms`],
      ['thin out, every 10 min', `${prune.toFixed(1)} ms`],
    ],
  }
}

function recordingCost(records: ReturnType<typeof openRecords>, now: number): { median: number; most: number } {
  const running = known(Array.from({ length: 8 }, (_, n) => runningJob({ id: `job-${n}` })))
  const workers = known(Array.from({ length: 4 }, (_, n) => worker({ id: `w${n}` })))
  const shown = snapshot({
    systems: ['calls', 'archive', 'crawl'].map((id) =>
      system({ id, running, workers, counts: known(counts({ queued: 20, done: 1069 })) }),
    ),
  })
  const times = Array.from({ length: 400 }, (_, n) => {
    const begun = performance.now()
    records.append({ ...momentOf(shown), at: new Date(now + n).toISOString() }, 'fine')
    return performance.now() - begun
  }).toSorted((a, b) => a - b)
  return { median: times[200] ?? 0, most: times[396] ?? 0 }
}

function timed(times: number, work: () => unknown): number {
  const begun = performance.now()
  for (let n = 0; n < times; n++) work()
  return (performance.now() - begun) / times
}
