// What is recorded: how often, how fine, unknown as unknown, and samples without a trace.
import { beforeEach, describe, expect, it } from 'vitest'
import { openRecords, type RecordsFile } from '../../electron/adapters/records-sqlite.ts'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import { recordHistory } from '../../electron/core/record-history.ts'
import { momentOf } from '../../electron/core/recorded-moment.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import {
  counts,
  HOUR,
  known,
  MINUTE,
  NOW,
  runningJob,
  snapshot,
  system,
  unknown,
} from '../support/snapshot-builders.ts'

const begun = Date.parse(NOW)
let clock: ManualClock
let records: RecordsFile
let latest: Snapshot
let bugs: unknown[]

beforeEach(() => {
  clock = manualClock()
  records = openRecords(':memory:')
  latest = snapshot({ systems: [system({ counts: known(counts({ queued: 20, running: 1, done: 1069 })) })] })
  bugs = []
})

const recorder = () =>
  recordHistory({ clock, records, latest: () => latest, onBug: (_where, error) => bugs.push(error) })
const all = () => records.between(begun, clock.nowMs() + 1, 10_000)

describe('the recorder', () => {
  it('writes every five seconds while something changes and once a minute while nothing does', async () => {
    const own = recorder()
    own.start()
    for (let n = 0; n < 6; n++) {
      latest = { ...latest, sequence: latest.sequence + 1 }
      await clock.advance(5000)
    }
    expect(all()).toHaveLength(6)
    await clock.advance(2 * MINUTE)
    expect(all()).toHaveLength(8)
    await own.stop()
    await clock.advance(HOUR)
    expect(all()).toHaveLength(8)
    expect(clock.pending()).toBe(0)
    expect(bugs).toEqual([])
  })

  it('keeps two hours fine, a day by the minute, and 30 days by ten minutes', async () => {
    let sequence = 0
    const changing = () => ({ ...latest, sequence: ++sequence })
    const own = recordHistory({ clock, records, latest: changing, onBug: (_where, error) => bugs.push(error) })
    own.start()
    await clock.advance(28 * HOUR)
    await own.stop()
    const hours = (from: number, to: number) =>
      records.between(clock.nowMs() - from * HOUR, clock.nowMs() - to * HOUR, 100_000).length
    expect(hours(1, 0)).toBe(720)
    expect(hours(5, 4)).toBe(60)
    expect(hours(27.5, 26.5)).toBe(6)
  })

  it('a disk that is full stops neither it nor anything else', async () => {
    const { append } = records
    records = {
      ...records,
      append: () => {
        throw new Error('the disk is full')
      },
    }
    const own = recorder()
    own.start()
    await clock.advance(5000)
    expect(bugs).toHaveLength(1)
    records.append = append
    await clock.advance(5000)
    await own.stop()
    expect(all()).toHaveLength(1)
  })

  it('forgets a sample as soon as it was left, and only that', async () => {
    const own = recorder()
    own.start()
    const real = latest.systems
    latest = { ...latest, sequence: 2, systems: [system({ id: 'sample-calls' }), ...real] }
    await clock.advance(5000)
    expect(all().flatMap(({ systems }) => systems.map(({ id }) => id))).toEqual(['sample-calls', 'calls'])
    latest = { ...latest, sequence: 3, systems: [system({ id: 'sample-failed' }), ...real] }
    await clock.advance(5000)
    expect(all().map(({ systems }) => systems.map(({ id }) => id))).toEqual([['calls'], ['sample-failed', 'calls']])
    latest = { ...latest, sequence: 4, systems: real }
    await clock.advance(5000)
    await own.stop()
    expect(all().flatMap(({ systems }) => systems.map(({ id }) => id))).toEqual(['calls', 'calls', 'calls'])
  })
})

describe('a recorded moment', () => {
  it('knows nothing of what was not read, and says why; the last known value is no reading', () => {
    const [recorded] = momentOf(
      snapshot({ systems: [system({ counts: unknown(counts({ done: 1069 })), queues: unknown(null) })] }),
    ).systems
    expect(recorded).toMatchObject({ counts: null, queues: null, running: [] })
    expect(recorded?.unread).toContainEqual({ part: 'jobs', because: 'nothing answers at 127.0.0.1:5432' })
  })

  it('is bounded: of a hundred running jobs the twenty with the oldest heartbeats', () => {
    const running = Array.from({ length: 100 }, (_, n) => runningJob({ id: `j${n}`, heartbeatAgeMs: n * 1000 }))
    const [recorded] = momentOf(snapshot({ systems: [system({ running: known(running) })] })).systems
    expect(recorded?.running).toHaveLength(20)
    expect(recorded?.running?.[0]?.id).toBe('j99')
  })
})
