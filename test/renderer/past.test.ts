// The past on the screen: the stop, gaps that are no zeros, spans of findings, and one moment in words.
import { describe, expect, it } from 'vitest'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import { historyMoment } from '../../electron/core/history-moment.ts'
import { historyRange } from '../../electron/core/history-range.ts'
import { selectPast } from '../../renderer/past.ts'
import { momentModel } from '../../renderer/past-moment.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { recordPast } from '../support/recorded-past.ts'
import { ago, HOUR, MINUTE, NOW } from '../support/snapshot-builders.ts'

const now = Date.parse(NOW)

function past() {
  const records = openRecords(':memory:')
  recordPast(records, now, 20)
  const findings = memoryFindings()
  const finding = criticalFinding({ key: 'k', system: 'calls', since: ago(3 * HOUR) })
  findings.append([{ at: ago(3 * HOUR), key: 'k', change: 'appeared', finding, until: null, by: null }])
  return { records, findings }
}
const range = (own = past()) => historyRange(own, { from: ago(24 * HOUR), to: NOW, points: 144 }, now)

describe('the charts', () => {
  it('say when it stopped, and mark it where it was', () => {
    const model = selectPast(range(), 'calls', now)
    expect(model?.stop?.sentence).toMatch(/^calls last finished a job at .*, 3 h 00 min ago\.$/)
    expect(model?.stop?.left).toBeCloseTo((21 / 24) * 100, 0)
    expect(model?.waitingTop).toBe('93')
  })

  it('break where nothing was recorded or readable, and say since when there is a record', () => {
    const model = selectPast(range(), 'calls', now)
    const unknown = model?.bars.filter(({ done }) => done === null) ?? []
    // Four hours before the first record, and forty minutes without an answer.
    expect(unknown.length).toBeGreaterThanOrEqual(26)
    expect(model?.queued.path.match(/M/g)).toHaveLength(2)
    expect(model?.shortBecause).toMatch(/^Unjam has recorded this since/)
  })

  it('have each finding from its beginning to its end', () => {
    const [span] = selectPast(range(), 'calls', now)?.spans ?? []
    expect(span).toMatchObject({ level: 'critical', text: 'No worker runs. 2 jobs wait.' })
    expect((span?.left ?? 0) + (span?.width ?? 0)).toBeCloseTo(100, 0)
  })

  it('a system without a record has no charts', () => {
    expect(selectPast(range(), 'archive', now)).toBeNull()
  })
})

describe('a moment', () => {
  const words = (ms: number) => {
    const model = momentModel(historyMoment(past(), new Date(ms).toISOString()), 'calls', ms)
    return { ...model, facts: Object.fromEntries(model.facts.map(({ label, value }) => [label, value])) }
  }

  it('gives counts, queue, workers, running jobs with their heartbeat, and findings', () => {
    const model = words(now)
    expect(model.facts).toMatchObject({ Queued: '20', Done: '1069', Workers: '1 busy', 'Last done': '3 h 00 min ago' })
    expect(model.facts['Queue celery']).toBe('93 messages, 1 taken')
    expect(model.jobs[0]).toMatchObject({ heartbeat: 'heartbeat 40 s ago' })
    expect(model.findings).toHaveLength(1)
  })

  it('is unknown, with its cause, where it could not be read', () => {
    const model = words(now - 9 * HOUR + 20 * MINUTE)
    expect(model.facts).toMatchObject({ Queued: null, Done: null, Workers: null })
    expect(model.unread).toEqual(['jobs: nothing answers at 127.0.0.1:5432'])
  })

  it('is nothing at all where nothing was recorded', () => {
    expect(words(now - 23 * HOUR)).toMatchObject({ age: null, facts: {}, jobs: [] })
  })
})
