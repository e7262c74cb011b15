// The numbers on screen, from runbook 0: what is derived, what is unknown, and what is never a zero.
import { describe, expect, test } from 'vitest'
import type { Attempt, Segment } from '../../electron/contract/job.ts'
import { selectFinished } from '../../renderer/finished.ts'
import { isFirstRun, selectFirstRun } from '../../renderer/first-run.ts'
import type { LiveState } from '../../renderer/live.ts'
import { defaultSystem, historyRevision, selectLink, selectSystems } from '../../renderer/select.ts'
import {
  attemptRows,
  cutAtMatches,
  headFacts,
  segmentAt,
  segmentsWith,
  speechShape,
} from '../../renderer/select-job.ts'
import { failedReasons, selectJobs, selectRange, sumText } from '../../renderer/select-jobs.ts'
import { selectRunning } from '../../renderer/select-running.ts'
import { modelRows, selectWorker } from '../../renderer/select-worker.ts'
import { selectTimeline, shortTitle } from '../../renderer/timeline.ts'
import { emphasis, headlineLines, selectVerdict } from '../../renderer/verdict.ts'
import { BASE, jobsOf, LONG_JOB, type Scenario, snapshotAt } from './fixture-data.ts'

const at = (scenario: Scenario): LiveState => ({
  snapshot: snapshotAt(scenario, BASE),
  clockAheadMs: 0,
  link: { state: 'open' },
})
const stuck = at('stuck')

describe('verdict', () => {
  test('evidence says a moment as people here do, and names a recording by what tells it from others', () => {
    const { snapshot } = stuck
    const row = { label: 'Ended', source: 'database', at: new Date(BASE).toISOString() }
    const values = [
      '38:20, needs about 77 min · Call recording 086_200923_143109.m4a',
      new Date(BASE - 60_000).toISOString(),
    ]
    const findings = (snapshot?.findings ?? []).map((one) => ({
      ...one,
      evidence: values.map((value) => ({ ...row, value })),
    }))
    const [ended, marked] =
      selectVerdict({ ...stuck, snapshot: snapshot && { ...snapshot, findings } }, BASE, 0)?.evidence ?? []
    expect(`${ended?.strong}${ended?.rest}`).toBe('38:20, needs about 77 min · Call recording 086')
    expect(`${marked?.strong}${marked?.rest}`).not.toContain('T')
  })

  test('is the first finding, with the job it is about; giving that up is never the first way out', () => {
    const verdict = selectVerdict(stuck, BASE, 0)
    expect(verdict).toMatchObject({
      level: 'warning',
      word: 'Attention',
      system: 'calls',
      index: 0,
      total: 3,
      job: LONG_JOB,
    })
    expect(verdict?.since).toMatch(/3 h 00 min$/)
    expect(verdict?.steps.map(({ kind }) => kind)).toEqual(['place', 'remedy'])
    expect(verdict?.effect).toBeNull()
    const [first] = stuck.snapshot?.findings ?? []
    const retry = { action: 'retry-jobs', label: 'Retry', ids: null, params: {}, effect: 'They run again.' }
    const healing = { ...first!, remedies: [...first!.remedies, retry] }
    const withRetry = selectVerdict({ ...stuck, snapshot: { ...stuck.snapshot!, findings: [healing] } }, BASE, 0)
    expect(withRetry?.steps[0]).toMatchObject({ kind: 'remedy', remedy: { action: 'retry-jobs' } })
    expect(withRetry?.effect).toBe('They run again.')
    expect(verdict?.evidence[1]).toMatchObject({ strong: '1:03:00', rest: ', 52:12 transcribed', age: '11 s' })
  })
  test('goes round the findings', () => {
    expect([0, 1, 2, 3].map((n) => selectVerdict(stuck, BASE, n)?.system)).toEqual([
      'calls',
      'archive',
      'crawl',
      'calls',
    ])
  })
  test('without a finding says what is well, and offers to add files', () => {
    const verdict = selectVerdict(at('clear'), BASE, 0)
    expect(verdict).toMatchObject({ level: 'clear', headline: '3 jobs in progress, 12 next. All is well.', total: 0 })
    expect(verdict?.explanation).toContain('1 job failed earlier')
    expect(verdict?.steps).toEqual([{ kind: 'add' }, { kind: 'failed', system: 'local', n: 1 }])
  })
  test('never says “clear” while the link is lost', () => {
    const lost = { ...at('clear'), link: { state: 'lost', sinceMs: BASE, because: 'gone' } } as const
    expect(selectVerdict(lost, BASE, 0)).toMatchObject({ level: 'unknown', word: 'Last known' })
  })
  test('short sentences stand on a line each', () => {
    expect(headlineLines('The worker has no model. 1 job waits for it.')).toHaveLength(2)
    expect(headlineLines('One 63-minute recording holds the only worker. 20 jobs wait behind it.')).toHaveLength(1)
  })
  test('is nothing before the first snapshot, never “clear”', () => {
    expect(selectVerdict({ ...stuck, snapshot: null }, BASE, 0)).toBeNull()
  })
  test.each([
    ['1069, flat for 3 h 00 min', '1069'],
    ['1 of 1 taken', '1 of 1'],
    ['0.29× real time', '0.29×'],
    ['4 min ago', '4 min'],
    ['3 h 00 min', '3 h 00 min'],
    ['small is ready', ''],
  ])('sets the number of “%s” bold', (value, strong) =>
    expect(emphasis(value)).toEqual({ strong, rest: value.slice(strong.length) }),
  )
})

describe('systems', () => {
  test('a source that cannot be read shows its last value with its age, and says why', () => {
    const qc = selectSystems(stuck, BASE).find(({ id }) => id === 'qc')
    expect(qc).toMatchObject({
      level: 'unknown',
      fact: '14 min',
      counts: { value: { queued: 3 }, lost: { ageMs: 14 * 60_000 } },
    })
    expect(qc?.slots).toMatchObject({ value: null, lost: { because: 'HTTP 502' } })
    expect(qc?.finding).toMatch(/^Cannot read: HTTP 502 since /)
  })
  test('one fact each, and a heartbeat that grows with the clock', () => {
    const facts = (now: number) => selectSystems(stuck, now).map(({ fact, heartbeat }) => [fact, heartbeat.value])
    expect(facts(BASE)[0]).toEqual(['20 wait', '40 s ago'])
    expect(facts(BASE + 5000)[0]).toEqual(['20 wait', '45 s ago'])
  })
  test('the link counts what is read, and says since when it is lost', () => {
    expect(selectLink(stuck, BASE)).toEqual({ text: '4 of 5 systems read', age: '2 s ago', lost: null })
    const lost = selectLink({ ...stuck, link: { state: 'lost', sinceMs: BASE - 12_000, because: 'gone' } }, BASE)
    expect(lost.lost).toMatchObject({ forText: '12 s', because: 'gone' })
  })
  test('a page on another clock shows the core’s ages', () => {
    const ahead = { ...stuck, clockAheadMs: 3_600_000 }
    expect(selectLink(ahead, BASE + 3_600_000).age).toBe('2 s ago')
  })
  test('a screen that names no system is about the one with a finding', () => {
    expect(defaultSystem(stuck.snapshot)).toBe('calls')
    expect(defaultSystem(null)).toBe('local')
  })
})

describe('running jobs', () => {
  test('everything that moves is brought up to now', () => {
    const [run] = selectRunning(stuck, BASE + 10_000)
    expect(run).toMatchObject({ id: LONG_JOB, totalMs: 63 * 60_000, heartbeat: { ageMs: 50_000, level: 'clear' } })
    expect(run?.ends?.leftMs).toBe(37 * 60_000 - 12_000)
  })
  test('parked ones come last and promise no end', () => {
    const runs = selectRunning(at('clear'), BASE)
    expect(runs.map(({ phase }) => phase)).toEqual(['active', 'active', 'parked'])
    expect(runs[2]?.ends).toBeNull()
  })
})

describe('timeline', () => {
  const timeline = selectTimeline(stuck, BASE, LONG_JOB)
  test('the cause is held in amber up to now, and its forecast follows', () => {
    const lane = timeline.lanes.find(({ system }) => system === 'calls')
    expect(lane?.bars.filter(({ kind }) => kind === 'hold')).toHaveLength(1)
    const [hold, eta] = lane?.bars.slice(-2) ?? []
    expect(hold?.label).toBe('Call recording 5454 · 63 min of audio')
    expect((hold?.left ?? 0) + (hold?.width ?? 0)).toBeCloseTo(timeline.now, 0)
    expect(eta).toMatchObject({ kind: 'eta', left: timeline.now })
  })
  test('a worker that works on something is not idle, whoever keeps no log of it', () => {
    const { snapshot } = stuck
    const systems = (snapshot?.systems ?? []).map((system) =>
      system.id !== 'archive' || system.workers.status === 'unknown'
        ? system
        : {
            ...system,
            workers: { ...system.workers, value: system.workers.value.map((one) => ({ ...one, busy: 1 })) },
          },
    )
    const lanes = selectTimeline({ ...stuck, snapshot: snapshot && { ...snapshot, systems } }, BASE, null).lanes
    expect(lanes.find(({ system }) => system === 'archive')?.idle).toBe('works on 1 task, nobody says since when')
  })
  test('nothing leaves the chart, and an idle lane says so', () => {
    for (const bar of timeline.lanes.flatMap(({ bars }) => bars)) {
      expect(bar.left).toBeGreaterThanOrEqual(0)
      expect(bar.left + bar.width).toBeLessThanOrEqual(100.5)
    }
    expect(timeline.lanes.find(({ system }) => system === 'archive')?.idle).toBe('idle, nothing queued')
    expect(timeline.lanes.find(({ system }) => system === 'qc')?.idle).toBe('cannot be read: HTTP 502')
  })
  test('attempts that overlap are in different lanes', () => {
    const lanes = selectTimeline(at('clear'), BASE, null).lanes
    expect(lanes.map(({ worker }) => worker)).toEqual(['this computer · 1', 'this computer · 2', 'this computer · 3'])
  })
  test('empty half hours since the last finished job stand out', () => {
    const chart = selectFinished(stuck, BASE, 'calls')
    expect(chart).toMatchObject({ alarming: true })
    // The reader's own time, whose minutes differ where an offset has a quarter of an hour.
    expect(chart?.note).toMatch(/^0 since \d\d:(43|13|28|58)$/)
    expect(chart?.bars.filter(({ flat }) => flat)).toHaveLength(6)
    expect(selectFinished(at('clear'), BASE, 'local')).toMatchObject({ alarming: false, note: '61 done today' })
  })
  test('a title is short in a bar', () =>
    expect(shortTitle('Call recording 5454_210513_095857.m4a')).toBe('Call recording 5454'))
})

describe('jobs', () => {
  const queued = jobsOf('stuck', 'calls', 'queued', BASE)
  test('tabs carry counts, unknown ones their loss', () => {
    expect(selectJobs(stuck, BASE, 'calls').tabs.map(({ title, n }) => [title, n.value])).toEqual([
      ['Queue', 20],
      ['Processing', 1],
      ['Failed', 0],
      ['Done', 1069],
      ['Skipped', 0],
    ])
    expect(selectJobs(stuck, BASE, 'qc').tabs[0]?.n.lost).not.toBeNull()
    expect(selectJobs(stuck, BASE, 'nowhere').tabs[0]?.n).toEqual({ value: null, lost: null })
  })
  test('without a link every system is unknown, with its last numbers', () => {
    const lost = { ...at('clear'), link: { state: 'lost', sinceMs: BASE - 65_000, because: 'gone' } } as const
    expect(selectSystems(at('clear'), BASE).some(({ level }) => level === 'clear')).toBe(true)
    for (const [n, row] of selectSystems(lost, BASE).entries()) {
      expect(row).toMatchObject({ level: 'unknown', fact: '1 min', counts: { lost: { because: 'gone' } } })
      expect(row.counts.value).toEqual(selectSystems(at('clear'), BASE)[n]?.counts.value)
    }
    expect(selectWorker(lost, BASE)).toMatchObject({ level: 'unknown', headline: 'Last known: The worker is running.' })
  })
  test('the history is read again when counts or the worker changed, not at each tick', () => {
    const snapshot = snapshotAt('clear', BASE)
    const revision = historyRevision({ ...stuck, snapshot })
    expect(historyRevision({ ...stuck, snapshot: snapshotAt('clear', BASE + 5000) })).toBe(revision)
    const paused = { ...snapshot.host, worker: { ...snapshot.host.worker, state: 'paused' as const } }
    expect(historyRevision({ ...stuck, snapshot: { ...snapshot, host: paused } })).not.toBe(revision)
    expect(historyRevision({ ...stuck, snapshot: snapshotAt('critical', BASE) })).not.toBe(revision)
  })
  test('the revision moves with counts and running jobs, not with every tick', () => {
    const revision = (scenario: Scenario, now: number, id: string) =>
      selectJobs({ ...stuck, snapshot: snapshotAt(scenario, now) }, now, id).revision
    expect(revision('stuck', BASE + 5000, 'calls')).toBe(revision('stuck', BASE, 'calls'))
    expect(revision('critical', BASE, 'local')).not.toBe(revision('clear', BASE, 'local'))
  })
  test('a sum never hides what it does not know', () => {
    expect(sumText(queued, true, 20)).toMatch(/^20 jobs, [\d:]+ of audio and 1 of unknown length$/)
    expect(sumText(queued.slice(0, 2), true, 2)).toMatch(/^2 jobs, \d+:\d\d of audio$/)
    expect(sumText(queued.slice(0, 2), false, 20)).toMatch(/^first 2 of 20, \d+:\d\d of audio$/)
    expect(sumText(queued.slice(0, 2), false, null)).toMatch(/^first 2 of more, /)
    const unread = queued.map((job) => ({ ...job, audioMs: null }))
    expect(sumText(unread, true, 20)).toBe('20 jobs of unknown length')
    expect(sumText(unread.slice(0, 2), false, 20)).toBe('first 2 of 20 of unknown length')
  })
  test('failures are grouped by their reason', () => {
    const failed = jobsOf('stuck', 'archive', 'failed', BASE)
    expect(failedReasons(failed).headline).toBe('4 jobs failed for 2 reasons.')
    expect(failedReasons(failed.slice(0, 1)).headline).toBe('1 job failed.')
    expect(failedReasons([])).toEqual({ headline: '', rest: '' })
    const each = failed.slice(0, 2).map((job, n) => ({ ...job, error: `reason ${n}` }))
    expect(failedReasons(each)).toEqual({ headline: '2 jobs failed for 2 reasons.', rest: 'Each has its own, below.' })
  })
  test('shift selects everything from the last one on; without it one goes on and off', () => {
    const ids = ['a', 'b', 'c', 'd']
    expect([...selectRange(new Set(), ids, null, 'b', false)]).toEqual(['b'])
    expect([...selectRange(new Set(['b']), ids, 'b', 'b', false)]).toEqual([])
    expect([...selectRange(new Set(['b']), ids, 'b', 'd', true)]).toEqual(['b', 'c', 'd'])
    expect([...selectRange(new Set(['d']), ids, 'd', 'b', true)].sort()).toEqual(['b', 'c', 'd'])
    expect([...selectRange(new Set(), ids, 'gone', 'c', true)]).toEqual(['c'])
  })
})

describe('a job', () => {
  const attempt = (fields: Partial<Attempt>): Attempt => ({
    number: 1,
    worker: null,
    startedAt: '2026-02-05T16:00:00.000Z',
    endedAt: null,
    outcome: 'failed',
    error: null,
    chunksSaved: 0,
    audioMs: 0,
    wallMs: 1000,
    ...fields,
  })
  test('counts failed attempts apart from parked ones', () => {
    const [job] = jobsOf('stuck', 'archive', 'failed', BASE)
    if (job === undefined) throw new Error('no job')
    const attempts = [attempt({ outcome: 'parked' }), attempt({ outcome: 'timeout' }), attempt({ outcome: 'lost' })]
    const facts = headFacts({ job, attempts, facts: [], segmentCount: 0, playable: false }, 'recordings', BASE)
    expect(facts.find(({ title }) => title === 'Attempts')?.value).toBe('3, of them 2 failed')
  })
  test('the longest attempt fills the bar, a running one grows', () => {
    const rows = attemptRows(
      [attempt({ wallMs: 500 }), attempt({ outcome: 'running', wallMs: null })],
      Date.parse('2026-02-05T16:00:02.000Z'),
    )
    expect(rows.map(({ share, kind }) => [share, kind])).toEqual([
      [25, 'failed'],
      [100, 'running'],
    ])
    expect(attemptRows([attempt({ outcome: 'done', audioMs: 2000 })], BASE)[0]?.text).toBe('Done at 2.00×')
  })
  const segments: Segment[] = [
    { startMs: 0, endMs: 1000, text: ' Good evening.' },
    { startMs: 2000, endMs: 4000, text: ' evening EVENING' },
  ]
  test('the segment being said, and where words are', () => {
    expect([-1, 0, 1500, 2000, 99_999].map((ms) => segmentAt(segments, ms))).toEqual([-1, 0, 0, 1, 1])
    expect(segmentsWith(segments, ' Evening ')).toEqual([0, 1])
    expect(segmentsWith(segments, '  ')).toEqual([])
    expect(cutAtMatches('evening EVENING', 'evening')).toEqual(['', 'evening', ' ', 'EVENING', ''])
    expect(cutAtMatches('a.b', '.')).toEqual(['a', '.', 'b'])
  })
  test('speech is where something is said, silence is zero', () => {
    const shape = speechShape(segments, 4000, 4)
    expect(shape[1]).toBe(0)
    expect(Math.max(...shape)).toBe(1)
    expect(speechShape(segments, 0, 3)).toEqual([0, 0, 0])
  })
})

describe('worker and first run', () => {
  test('a stopped worker is said with its reason', () => {
    expect(selectWorker(at('critical'), BASE)).toMatchObject({
      headline: 'The worker is stopped.',
      level: 'warning',
      because: 'It was stopped at 18:02 by admin.',
    })
  })
  test('models: used, on their way, away, and those that are not in the catalogue', () => {
    const host = snapshotAt('building', BASE).host
    const model = {
      name: 'small',
      fileName: 'ggml-small.bin',
      bytes: 100,
      memoryBytes: null,
      sha1: '',
      present: false,
      selected: false,
    }
    const own = { name: 'mine.bin', path: '/models/mine.bin', bytes: 5 }
    const rows = modelRows(
      [model, { ...model, name: 'tiny', fileName: 'ggml-tiny.bin', present: true, selected: true }],
      { ...host, models: [own] },
    )
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['tiny', 'used'],
      ['small', 'coming'],
      ['mine.bin', 'here'],
    ])
  })
  test('the first run asks for the one thing that is missing', () => {
    expect(isFirstRun(snapshotAt('fresh', BASE))).toBe(true)
    expect(isFirstRun(snapshotAt('clear', BASE))).toBe(false)
    expect(selectFirstRun(at('fresh'))?.primary).toBe('model')
    expect(selectFirstRun(at('building'))).toMatchObject({ primary: 'files', engine: { progress: { percent: 43 } } })
  })
})
