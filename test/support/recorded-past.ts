// Runbook 0 as its readings: 1069 done and then nothing for three hours, 20 queued, the broker filling up to 93.
import type { Moment, RecordedSystem } from '../../electron/contract/history.ts'
import type { Records } from '../../electron/core/ports/records.ts'
import { resolutionOf } from '../../electron/core/record-history.ts'
import { HOUR, MINUTE } from './snapshot-builders.ts'

const iso = (ms: number) => new Date(ms).toISOString()

export function recordedSystem(part: Partial<RecordedSystem> = {}): RecordedSystem {
  return {
    id: 'calls',
    kind: 'recordings',
    counts: { queued: 20, running: 1, done: 1069, failed: 0, skipped: 0 },
    lastDoneAt: null,
    queues: [{ name: 'celery', messages: 93, unacked: 1 }],
    running: [],
    workers: [{ name: 'celery@a', state: 'busy', busy: 1, slots: 1 }],
    dependencies: null,
    unread: [],
    ...part,
  }
}

/** The system at that moment; it stopped three hours before `nowMs`, and could not be read for 40 minutes before noon. */
export function stuckAt(ms: number, nowMs: number): RecordedSystem {
  const stopMs = nowMs - 3 * HOUR
  const flatMs = Math.max(0, ms - stopMs)
  const done = 1069 - Math.ceil(Math.max(0, stopMs - ms) / (5 * MINUTE))
  if (ms > nowMs - 9 * HOUR && ms < nowMs - 9 * HOUR + 40 * MINUTE)
    return recordedSystem({
      ...{ counts: null, queues: null, running: null, workers: null },
      unread: [{ part: 'jobs', because: 'nothing answers at 127.0.0.1:5432' }],
    })
  return recordedSystem({
    counts: { queued: Math.round(4 + (flatMs / HOUR) * 5.3), running: 1, done, failed: 0, skipped: 0 },
    lastDoneAt: iso(Math.min(stopMs, ms)),
    queues: [{ name: 'celery', messages: Math.round(3 + flatMs / (2 * MINUTE)), unacked: 1 }],
    running: [
      {
        ...{ id: 'e002b2e3', title: 'Call recording 5454_210513_095857.m4a', audioMs: 63 * MINUTE },
        ...{ elapsedMs: flatMs, heartbeatAgeMs: 40_000, audioDoneMs: null, percent: null },
      },
    ],
  })
}

/** Every minute of `hours`, as the recorder would have written them. */
export function recordPast(
  records: Records,
  nowMs: number,
  hours: number,
  systems = (ms: number) => [stuckAt(ms, nowMs)],
) {
  let lastMs: number | null = null
  for (let ms = nowMs - hours * HOUR; ms <= nowMs; ms += MINUTE) {
    const moment: Moment = { at: iso(ms), systems: systems(ms) }
    records.append(moment, resolutionOf(ms, lastMs))
    lastMs = ms
  }
}
