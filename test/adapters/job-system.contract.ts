// The battery every JobSystem passes: each verb on a named cast, what it changed and what it did not.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SeedJob } from '../../electron/adapters/memory-job.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { Job, type JobQuery, type JobState } from '../../electron/contract/job.ts'
import type { Ability, JobRow, JobSystem, JobWrite } from '../../electron/core/ports/jobs.ts'
import { castAt } from './job-cast.ts'

export interface Stage {
  readonly system: JobSystem
  /** Empties the store and puts these jobs in. */
  seed(jobs: readonly SeedJob[]): Promise<void>
  id(name: string): string
  name(id: string): string
  /** Somebody else writes to the row. */
  move(name: string, state: JobState): Promise<void>
  /** What the worker does to a job it was asked to cancel. */
  endCancelled(name: string): Promise<void>
  /** Every stored job by name, whole, in a form that differs when anything differs. */
  rows(): Promise<Map<string, string>>
  close(): Promise<void>
}

export interface Expectations {
  /** Abilities the system lacks, each with its sentence. */
  readonly cannot: Partial<Record<Ability, RegExp>>
}

const signal = () => AbortSignal.timeout(60_000)
const verbs: readonly JobWrite[] = [
  { verb: 'retry' },
  { verb: 'skip', reason: 'Longer than an hour' },
  { verb: 'skip', reason: null },
  { verb: 'fail', reason: 'Manually marked failed: stuck for >3 hours' },
  { verb: 'release', olderThanMs: 900_000 },
  { verb: 'cancel' },
  { verb: 'remove' },
  { verb: 'take-over' },
]

/** For each verb: what becomes of whom; everybody else is left. `ask` is a job whose worker was asked to end it. */
const outcomes: Readonly<Record<JobWrite['verb'], Readonly<Record<string, JobState | 'ask' | 'gone'>>>> = {
  retry: { c85b90e2: 'queued', ab167b5a: 'queued', '4fc36bcc': 'queued', b52da034: 'queued', unwanted: 'queued' },
  skip: {
    lunch: 'skipped',
    percent: 'skipped',
    umlaut: 'skipped',
    aside: 'skipped',
    crashed: 'skipped',
    orphan: 'skipped',
    celery: 'skipped',
    c85b90e2: 'skipped',
    ab167b5a: 'skipped',
    '4fc36bcc': 'skipped',
    b52da034: 'skipped',
  },
  fail: {
    lunch: 'failed',
    percent: 'failed',
    umlaut: 'failed',
    aside: 'failed',
    crashed: 'failed',
    orphan: 'failed',
    celery: 'failed',
  },
  release: { crashed: 'queued', orphan: 'queued' },
  cancel: {
    lunch: 'skipped',
    percent: 'skipped',
    umlaut: 'skipped',
    aside: 'skipped',
    crashed: 'skipped',
    interview: 'ask',
  },
  'take-over': { lunch: 'running', percent: 'running', umlaut: 'running', orphan: 'running', celery: 'running' },
  finalize: {},
  remove: Object.fromEntries(castAt(0).flatMap(({ id }) => (id === 'interview' ? [] : [[id, 'gone' as const]]))),
}

export function describeJobSystem(title: string, open: () => Promise<Stage>, { cannot }: Expectations): void {
  describe(title, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await open()
    })
    afterAll(() => stage.close())
    beforeEach(() => stage.seed(castAt(Date.now())))

    const all = castAt(0).map(({ id }) => id)
    const rowsOf = async (names: readonly string[]): Promise<readonly JobRow[]> =>
      stage.system.rows({ kind: 'ids', ids: names.map(stage.id) }, 1000, signal())
    const jobOf = async (name: string) => (await stage.system.detail(stage.id(name), signal()))?.job
    const query = (patch: Partial<JobQuery>): JobQuery => ({
      system: stage.system.id,
      state: 'queued',
      search: '',
      sort: 'created',
      descending: false,
      limit: 100,
      ...patch,
    })
    const walk = async (patch: Partial<JobQuery>, between?: () => Promise<void>) => {
      const seen: Job[] = []
      let cursor: string | null = null
      do {
        const page = await stage.system.page(query({ ...patch, cursor }), signal())
        expect(page.jobs.length).toBeLessThanOrEqual(patch.limit ?? 100)
        seen.push(...page.jobs)
        cursor = page.cursor
        await between?.()
      } while (cursor !== null)
      return seen
    }
    const namesOf = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => stage.name(id))

    test('abilities: what it cannot do is a sentence, and is refused with it', async () => {
      const abilities = await stage.system.abilities(signal())
      const before = await stage.rows()
      for (const [ability, state] of Object.entries(abilities)) {
        const expected = cannot[ability as Ability]
        expect(state, ability).toEqual(
          expected ? { can: false, because: expect.stringMatching(expected) } : { can: true },
        )
      }
      const rows = await rowsOf(all)
      for (const order of verbs) {
        const expected = cannot[order.verb]
        if (expected === undefined) continue
        const refused = await stage.system.write(rows, order).then(
          () => null,
          (error: unknown) => error,
        )
        expect(refused).toBeInstanceOf(FailureError)
        expect((refused as FailureError).failure).toMatchObject({ kind: 'unsupported' })
        expect((refused as FailureError).failure.because).toMatch(new RegExp(expected.source.replace(/\\\.\$?$/, '')))
      }
      expect(await stage.rows()).toEqual(before)
    })

    test('counts: every job once', async () => {
      expect(await stage.system.counts(signal())).toEqual({ queued: 3, running: 5, done: 2, failed: 4, skipped: 1 })
    })

    test('an aborted read is a timeout, not an empty answer', async () => {
      const gone = AbortSignal.abort(new Error('closed'))
      await expect(stage.system.counts(gone)).rejects.toMatchObject({ failure: { kind: 'timeout' } })
      await expect(stage.system.page(query({}), gone)).rejects.toBeInstanceOf(FailureError)
    })

    test('running: longest first, with phase, heartbeat age and progress', async () => {
      const running = await stage.system.running(10, signal())
      expect(namesOf(running)).toEqual(['orphan', 'aside', 'crashed', 'interview', 'celery'])
      const [orphan, aside, , interview] = running
      expect(interview).toMatchObject({ phase: 'active', worker: 'tower · 4711', audioMs: 3_780_000, retryCount: 1 })
      expect(interview?.progress).toMatchObject({
        audioDoneMs: 1_200_000,
        audioTotalMs: 3_780_000,
        speed: 0.5,
        chunksDone: 2,
        chunksTotal: 7,
      })
      expect(interview?.progress?.movedAgeMs).toBeGreaterThanOrEqual(30_000)
      expect(interview?.heartbeatAgeMs).toBeGreaterThanOrEqual(5000)
      expect(interview?.heartbeatAgeMs).toBeLessThan(60_000)
      expect(interview?.elapsedMs).toBeGreaterThanOrEqual(2_400_000)
      expect(interview?.elapsedMs).toBeLessThan(2_460_000)
      expect(aside?.phase).toBe('parked')
      expect(orphan).toMatchObject({ phase: 'active', worker: null, progress: null })
      expect(namesOf(await stage.system.running(2, signal()))).toEqual(['orphan', 'aside'])
    })

    test('a job in each state speaks the contract', async () => {
      for (const name of all) {
        const job = await jobOf(name)
        expect(Job.parse(job), name).toEqual(job)
        expect(job?.system).toBe(stage.system.id)
      }
      expect(await jobOf('c85b90e2')).toMatchObject({ state: 'failed', error: 'Max retries exceeded', retryCount: 3 })
      expect(await jobOf('unwanted')).toMatchObject({ state: 'skipped', reason: 'too long' })
      expect(await jobOf('percent')).toMatchObject({ title: '50%_off \\ "quoted".mp3', audioMs: null })
      const lunch = await jobOf('lunch')
      expect(lunch?.state === 'queued' && lunch.waitingMs).toBeGreaterThanOrEqual(5 * 3_600_000)
      expect(lunch?.state === 'queued' && lunch.waitingMs).toBeLessThan(5 * 3_600_000 + 60_000)
    })

    test('a done job took the time it was worked on, not the time it was parked', async () => {
      const job = await jobOf('finished')
      expect(job).toMatchObject({ state: 'done', audioMs: 720_000 })
      if (job?.state !== 'done') return
      expect(job.tookMs).toBeCloseTo(600_000, -2)
      expect(job.speed).toBeCloseTo(1.2, 2)
    })

    test('detail: attempts, segments and raw facts; null for ids that name nothing', async () => {
      const detail = await stage.system.detail(stage.id('finished'), signal())
      expect(detail?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
        [1, 'parked'],
        [2, 'done'],
      ])
      expect(detail?.segmentCount).toBe(3)
      expect(detail?.facts.length).toBeGreaterThan(2)
      expect(detail?.facts.every(({ label, source }) => label !== '' && source !== '')).toBe(true)
      for (const nonsense of [
        '',
        'nobody',
        '-1',
        '00000000-0000-0000-0000-000000000000',
        "'; DROP TABLE x",
        '9'.repeat(30),
      ])
        expect(await stage.system.detail(nonsense, signal()), nonsense).toBeNull()
    })

    test('attempts and recent attempts: oldest first, bounded', async () => {
      const attempts = await stage.system.attempts(stage.id('finished'), signal())
      expect(attempts.map(({ worker, chunksSaved, audioMs }) => [worker, chunksSaved, audioMs])).toEqual([
        ['tower · 4711', 1, 240_000],
        ['tower · 4711', 1, 480_000],
      ])
      expect(attempts[1]?.wallMs).toBeCloseTo(480_000, -2)
      const ended = async (windowMs: number, limit: number) =>
        (await stage.system.recentAttempts(windowMs, limit, signal()))
          .filter(({ job }) => job === stage.id('finished'))
          .map(({ job, outcome }) => [stage.name(job), outcome])
      expect(await ended(10 * 3_600_000, 100)).toEqual([
        ['finished', 'parked'],
        ['finished', 'done'],
      ])
      expect(await ended(3_600_000, 100)).toEqual([['finished', 'done']])
      expect(await stage.system.recentAttempts(10 * 3_600_000, 1, signal())).toHaveLength(1)
    })

    test('lengths: every job that waits, runs or failed is counted once, against each length', async () => {
      const overMs = [0, 30 * 60_000, 61 * 60_000, Number.MAX_SAFE_INTEGER]
      const counts = await stage.system.counts(signal())
      for (const one of await stage.system.lengths(overMs, signal())) {
        const [any, half, hour, endless] = one.over
        expect(one.jobs).toBe(counts[one.state])
        expect(one.unknown + (any ?? 0)).toBe(one.jobs)
        expect(any).toBeGreaterThanOrEqual(half ?? 0)
        expect(half).toBeGreaterThanOrEqual(hour ?? 0)
        expect(endless).toBe(0)
        // Runbook 1: of 61, 68, 60 and 38 minutes, one is longer than 61 and all are longer than half an hour.
        if (one.state === 'failed') expect([half, hour, one.longestMs]).toEqual([4, 1, 68 * 60_000])
      }
      expect((await stage.system.lengths([], signal())).map(({ over }) => over)).toEqual([[], [], []])
    })

    test('segments: a page at a time', async () => {
      const first = await stage.system.segments(stage.id('finished'), 0, 2, signal())
      expect(first).toMatchObject({ segments: [{ text: ' Good morning.' }, { startMs: 1500, endMs: 4000 }], next: 2 })
      const rest = await stage.system.segments(stage.id('finished'), first.next ?? 0, 2, signal())
      expect(rest).toEqual({ segments: [{ startMs: 4000, endMs: 6000, text: ' Yes.' }], next: null })
      expect(await stage.system.segments(stage.id('lunch'), 0, 10, signal())).toEqual({ segments: [], next: null })
    })

    test('throughput: today, half hours, last completion, median speed', async () => {
      const throughput = await stage.system.throughput(signal())
      expect(throughput.buckets).toHaveLength(20)
      expect(throughput.buckets.reduce((sum, { done }) => sum + done, 0)).toBe(1)
      expect(throughput.buckets.reduce((sum, { failed }) => sum + failed, 0)).toBe(0)
      const from = throughput.buckets.map((bucket) => Date.parse(bucket.from))
      expect(from.every((at, i) => i === 0 || at - (from[i - 1] ?? 0) === 1_800_000)).toBe(true)
      expect((from.at(-1) ?? 0) + 1_800_000).toBeGreaterThan(Date.now() - 60_000)
      expect(throughput.lastDoneAgeMs).toBeGreaterThanOrEqual(600_000)
      expect(throughput.lastDoneAgeMs).toBeLessThan(660_000)
      // Ten minutes ago may have been yesterday.
      const today = new Date().setHours(0, 0, 0, 0) <= Date.now() - 600_000 ? 1 : 0
      expect(throughput).toMatchObject({ doneToday: today, audioTodayMs: today * 720_000 })
      expect(throughput.speed).toBeGreaterThan(0)
    })

    for (const order of verbs) {
      if (cannot[order.verb] !== undefined) continue
      const expected = outcomes[order.verb]
      test(`${order.verb}${'reason' in order && order.reason === null ? ' without a reason' : ''}: changes exactly whom it may`, async () => {
        const rows = await rowsOf(all)
        const before = await stage.rows()
        const { changed, left } = await stage.system.write(rows, order)
        const after = await stage.rows()
        const became = Object.fromEntries(
          changed.map(({ before: { id }, after: row }) => {
            if (row === null) return [stage.name(id), 'gone']
            const { job } = row
            return [stage.name(id), job.state === 'running' && job.phase === 'cancelling' ? 'ask' : job.state]
          }),
        )
        expect(became).toEqual(expected)
        const touched = new Set(Object.keys(expected))
        expect(namesOf(left).sort()).toEqual(all.filter((name) => !touched.has(name)).sort())
        expect(left.every(({ because }) => /^[a-z].*[^.]$/.test(because))).toBe(true)
        for (const name of all)
          if (touched.has(name)) expect(after.get(name), name).not.toBe(before.get(name))
          else expect(after.get(name), name).toBe(before.get(name))
        for (const { before: was, after: row } of changed) {
          expect(was.fingerprint).toBe(rows.find(({ id }) => id === was.id)?.fingerprint)
          if (row !== null) expect((await rowsOf([stage.name(was.id)]))[0]?.fingerprint).toBe(row.fingerprint)
        }
      })
    }

    test("retry is runbook 1's: queued, no error, no retries; nothing else", async () => {
      await stage.system.write(await rowsOf(['c85b90e2']), { verb: 'retry' })
      expect(await jobOf('c85b90e2')).toMatchObject({ state: 'queued', retryCount: 0 })
      const [row] = await rowsOf(['c85b90e2'])
      expect(row?.image).not.toContain('Max retries exceeded')
    })

    test('skip and fail keep their reason; a failed job skipped without one keeps its error', async () => {
      await stage.system.write(await rowsOf(['lunch']), { verb: 'skip', reason: 'Longer than an hour' })
      expect(await jobOf('lunch')).toMatchObject({ state: 'skipped', reason: 'Longer than an hour' })
      await stage.system.write(await rowsOf(['orphan']), { verb: 'fail', reason: 'Manually marked failed: stuck' })
      const orphan = await jobOf('orphan')
      expect(orphan).toMatchObject({ state: 'failed', error: 'Manually marked failed: stuck' })
      expect(orphan?.state === 'failed' && Date.now() - Date.parse(orphan.endedAt ?? '')).toBeLessThan(60_000)
      await stage.system.write(await rowsOf(['b52da034']), { verb: 'skip', reason: null })
      expect(await jobOf('b52da034')).toMatchObject({ state: 'skipped', reason: 'Max retries exceeded' })
    })

    test('release refuses a fresh heartbeat and says how fresh', async () => {
      const { left } = await stage.system.write(await rowsOf(['celery', 'interview']), {
        verb: 'release',
        olderThanMs: 900_000,
      })
      const because = Object.fromEntries(left.map(({ id, because }) => [stage.name(id), because]))
      expect(because.celery).toMatch(/^its heartbeat is fresh \(6\d s old\)$/)
      expect(because.interview).toMatch(/holds it/)
    })

    test('rows: unknown and doubled ids are no rows; states select all of them', async () => {
      const ids = [stage.id('lunch'), stage.id('lunch'), 'nobody', '-1']
      expect(namesOf(await stage.system.rows({ kind: 'ids', ids }, 10, signal()))).toEqual(['lunch'])
      const failed = await stage.system.rows({ kind: 'state', states: ['failed', 'skipped'] }, 10, signal())
      expect(namesOf(failed).sort()).toEqual(['4fc36bcc', 'ab167b5a', 'b52da034', 'c85b90e2', 'unwanted'])
      expect(await stage.system.rows({ kind: 'state', states: ['failed'] }, 2, signal())).toHaveLength(2)
    })

    test('a row that moved since it was frozen is left alone, the others are written', async () => {
      const rows = await rowsOf(['c85b90e2', 'ab167b5a'])
      await stage.move('c85b90e2', 'done')
      const before = await stage.rows()
      const { changed, left } = await stage.system.write(rows, { verb: 'retry' })
      expect(namesOf(changed.map(({ before: { id } }) => ({ id })))).toEqual(['ab167b5a'])
      expect(left).toEqual([{ id: stage.id('c85b90e2'), because: expect.stringContaining('is done now') }])
      expect((await stage.rows()).get('c85b90e2')).toBe(before.get('c85b90e2'))
    })

    test('the same frozen set written twice: the second time nothing happens', async () => {
      const rows = await rowsOf(['c85b90e2', 'ab167b5a'])
      await stage.system.write(rows, { verb: 'retry' })
      const once = await stage.rows()
      const twice = await stage.system.write(rows, { verb: 'retry' })
      expect(twice).toMatchObject({ changed: [], left: [{}, {}] })
      expect(await stage.rows()).toEqual(once)
    })

    const reversible = verbs.filter(({ verb }) => cannot[verb] === undefined)
    test('restore after write puts back every byte, for any verb and any choice of jobs', async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...reversible), fc.subarray([...all]), async (order, names) => {
          await stage.seed(castAt(Date.now()))
          // A job whose worker was asked to end it comes back queued: it has a test of its own.
          const chosen = names.filter((name) => !(order.verb === 'cancel' && name === 'interview'))
          const before = await stage.rows()
          const { changed } = await stage.system.write(await rowsOf(chosen), order)
          const { restored, left } = await stage.system.restore(changed)
          expect(left).toEqual([])
          expect(restored).toBe(changed.length)
          expect(await stage.rows()).toEqual(before)
        }),
        { numRuns: 25 },
      )
    })

    test('restore leaves what moved after the write, each with its reason, and puts back the rest', async () => {
      const before = await stage.rows()
      const names = ['c85b90e2', 'ab167b5a', '4fc36bcc']
      const { changed } = await stage.system.write(await rowsOf(names), { verb: 'retry' })
      await stage.move('ab167b5a', 'done')
      const moved = (await stage.rows()).get('ab167b5a')
      const { restored, left } = await stage.system.restore(changed)
      expect(restored).toBe(2)
      expect(left).toEqual([{ id: stage.id('ab167b5a'), because: expect.stringContaining('is done now') }])
      const after = await stage.rows()
      expect(after.get('ab167b5a')).toBe(moved)
      for (const name of ['c85b90e2', '4fc36bcc', 'b52da034']) expect(after.get(name)).toBe(before.get(name))
      expect(await stage.system.restore(changed)).toMatchObject({ restored: 0, left: [{}, {}, {}] })
    })

    if (cannot.cancel === undefined)
      describe('a cancel that its worker must carry out', () => {
        const ask = async () => {
          const { changed } = await stage.system.write(await rowsOf(['interview']), { verb: 'cancel' })
          expect(changed).toMatchObject([{ after: { job: { state: 'running', phase: 'cancelling' } } }])
          return changed
        }
        test('asked again, it says so', async () => {
          await ask()
          const again = await stage.system.write(await rowsOf(['interview']), { verb: 'cancel' })
          expect(again).toMatchObject({ changed: [], left: [{ because: 'it is being cancelled already' }] })
        })
        test('is undone after the worker has ended it: back in the queue', async () => {
          const changed = await ask()
          await stage.endCancelled('interview')
          expect(await jobOf('interview')).toMatchObject({ state: 'skipped' })
          expect(await stage.system.restore(changed)).toEqual({ restored: 1, left: [] })
          expect(await jobOf('interview')).toMatchObject({ state: 'queued', retryCount: 1 })
        })
        test('is undone while the worker is still at it', async () => {
          const changed = await ask()
          expect(await stage.system.restore(changed)).toEqual({ restored: 1, left: [] })
          expect(await jobOf('interview')).toMatchObject({ state: 'queued' })
        })
        test('is not undone when the job was finished before the worker saw it', async () => {
          const changed = await ask()
          await stage.move('interview', 'done')
          const result = await stage.system.restore(changed)
          expect(result).toMatchObject({ restored: 0, left: [{ because: expect.stringContaining('is done now') }] })
          expect(await jobOf('interview')).toMatchObject({ state: 'done' })
        })
      })

    if (cannot['take-over'] === undefined)
      describe('a job of somebody else that is taken over', () => {
        const take = async (name: string) =>
          (await stage.system.write(await rowsOf([name]), { verb: 'take-over' })).changed
        test('waits, parked, for a worker of ours; taken again, it says so', async () => {
          expect(await take('celery')).toMatchObject([{ after: { job: { state: 'running', phase: 'parked' } } }])
          expect((await stage.system.running(10, signal())).find(({ id }) => id === stage.id('celery'))).toMatchObject({
            phase: 'parked',
            worker: null,
          })
          const again = await stage.system.write(await rowsOf(['celery']), { verb: 'take-over' })
          expect(again).toMatchObject({ changed: [], left: [{ because: expect.stringContaining('has it already') }] })
        })
        test('is not given back when its application has ended it meanwhile', async () => {
          const changed = await take('celery')
          await stage.move('celery', 'done')
          const { restored, left } = await stage.system.restore(changed)
          expect({ restored, left }).toMatchObject({
            restored: 0,
            left: [{ because: 'it changed meanwhile and is done now' }],
          })
        })
      })

    describe('pages', () => {
      test('search is literal and ignores case', async () => {
        expect(namesOf(await walk({ search: '50%_off' }))).toEqual(['percent'])
        expect(namesOf(await walk({ search: '%' }))).toEqual(['percent'])
        expect(namesOf(await walk({ search: '_' }))).toEqual(['percent'])
        expect(namesOf(await walk({ search: '\\' }))).toEqual(['percent'])
        expect(namesOf(await walk({ search: 'ZÜRICH' }))).toEqual(['umlaut'])
        expect(namesOf(await walk({ search: 'talk' }))).toEqual(['lunch'])
        expect(await walk({ search: "'; DROP TABLE recordings; --" })).toEqual([])
      })

      test('each sort is in order, jobs without a value last in both directions', async () => {
        expect(namesOf(await walk({}))).toEqual(['lunch', 'percent', 'umlaut'])
        expect(namesOf(await walk({ descending: true }))).toEqual(['umlaut', 'percent', 'lunch'])
        expect(namesOf(await walk({ sort: 'audio' }))).toEqual(['umlaut', 'lunch', 'percent'])
        expect(namesOf(await walk({ sort: 'audio', descending: true }))).toEqual(['lunch', 'umlaut', 'percent'])
        expect(namesOf(await walk({ sort: 'title' }))).toEqual(['percent', 'lunch', 'umlaut'])
        expect(namesOf(await walk({ sort: 'updated', state: 'done', descending: true }))).toEqual(['finished', 'old'])
      })

      test('a cursor of another list, or none at all, is refused as invalid', async () => {
        const { cursor } = await stage.system.page(query({ limit: 1 }), signal())
        const wrong: Partial<JobQuery>[] = [
          { cursor: 'nonsense' },
          { cursor: Buffer.from('{"key":1}').toString('base64url') },
          { cursor, sort: 'title' },
          { cursor, descending: true },
          { cursor, state: 'done' },
        ]
        for (const patch of wrong)
          await expect(stage.system.page(query(patch), signal())).rejects.toMatchObject({
            failure: { kind: 'invalid' },
          })
      })

      const crowd = fc.array(
        fc.record({
          title: fc.constantFrom('a.mp3', 'A.mp3', 'b_1.mp3', 'b%.mp3', 'long '.repeat(50), 'é.wav', '日本.m4a'),
          state: fc.constantFrom<JobState>('queued', 'queued', 'failed', 'done'),
          audioMs: fc.constantFrom(null, 1000, 1000, 61_000.5, 7_200_000),
          createdAgoMs: fc.constantFrom(1000, 60_000, 3_600_000),
        }),
        { minLength: 1, maxLength: 40 },
      )
      const anyQuery = fc.record({
        state: fc.constantFrom<JobState>('queued', 'failed', 'done'),
        sort: fc.constantFrom('created' as const, 'updated' as const, 'title' as const, 'audio' as const),
        descending: fc.boolean(),
        search: fc.constantFrom('', '.mp3', '%', 'É'),
        limit: fc.integer({ min: 1, max: 12 }),
      })

      test('any size, sort, direction and search walks every job exactly once', async () => {
        await fc.assert(
          fc.asyncProperty(crowd, anyQuery, async (jobs, patch) => {
            const seeds = jobs.map((job, i) => ({ ...job, id: `extra-${i}`, heartbeatAgoMs: job.createdAgoMs }))
            await stage.seed(seeds)
            const wanted = seeds
              .filter(
                ({ state, title }) => state === patch.state && title.toLowerCase().includes(patch.search.toLowerCase()),
              )
              .map(({ id }) => id)
            const seen = await walk(patch)
            expect(namesOf(seen).sort()).toEqual(wanted.sort())
            expect(seen).toHaveLength(new Set(namesOf(seen)).size)
            const keys = seen.map((job) => (patch.sort === 'audio' ? job.audioMs : job.createdAt))
            if (patch.sort === 'audio' || patch.sort === 'created')
              expect(keys).toEqual(inOrder(keys, patch.descending))
          }),
          { numRuns: 30 },
        )
      })

      test('while jobs change state, those that stay are still walked exactly once', async () => {
        await fc.assert(
          fc.asyncProperty(crowd, anyQuery, fc.integer({ min: 0, max: 1000 }), async (jobs, patch, start) => {
            const seeds = jobs.map((job, i) => ({ ...job, id: `extra-${i}`, heartbeatAgoMs: job.createdAgoMs }))
            await stage.seed(seeds)
            const moved = new Set<string>()
            let next = start
            const seen = await walk(
              { ...patch, search: '', sort: patch.sort === 'updated' ? 'created' : patch.sort },
              async () => {
                const victim = seeds[next++ % seeds.length]
                if (victim === undefined || moved.has(victim.id)) return
                moved.add(victim.id)
                await stage.move(victim.id, victim.state === 'failed' ? 'queued' : 'failed')
              },
            )
            const names = namesOf(seen)
            expect(names).toHaveLength(new Set(names).size)
            const stayed = seeds.filter(({ id, state }) => state === patch.state && !moved.has(id)).map(({ id }) => id)
            expect(names.filter((name) => stayed.includes(name)).sort()).toEqual(stayed.sort())
          }),
          { numRuns: 20 },
        )
      })
    })

    if (cannot.add === undefined)
      describe('add', () => {
        const file = (title: string, sha256: string | null) => ({ path: `/in/${title}`, title, bytes: 10, sha256 })
        test('queues new files in their order; the same bytes are added once', async () => {
          const a = 'a'.repeat(64)
          const first = await stage.system.add([
            file('one.m4a', a),
            file('zero.m4a', 'b'.repeat(64)),
            file('twin.m4a', a),
          ])
          expect(first.added.map(({ title, path }) => [title, path])).toEqual([
            ['one.m4a', '/in/one.m4a'],
            ['zero.m4a', '/in/zero.m4a'],
          ])
          expect(first.duplicates).toEqual([{ id: first.added[0]?.id, title: 'one.m4a', path: '/in/twin.m4a' }])
          const again = await stage.system.add([file('renamed.m4a', a)])
          expect(again).toMatchObject({ added: [], duplicates: [{ id: first.added[0]?.id, title: 'one.m4a' }] })
          expect(await stage.system.counts(signal())).toMatchObject({ queued: 5 })
          const queue = (await walk({})).slice(-2)
          expect(queue.map(({ title }) => title)).toEqual(['one.m4a', 'zero.m4a'])
        })
        test('files that could not be read are added all the same', async () => {
          const { added } = await stage.system.add([file('locked.m4a', null), file('locked too.m4a', null)])
          expect(added).toHaveLength(2)
        })
        test('two at the same time add the same bytes once', async () => {
          const files = Array.from({ length: 50 }, (_, i) => file(`${i}.m4a`, String(i).padStart(64, '0')))
          const reports = await Promise.all([files, [...files].reverse(), files].map((list) => stage.system.add(list)))
          expect(reports.flatMap(({ added }) => added)).toHaveLength(50)
          expect(reports.flatMap(({ duplicates }) => duplicates)).toHaveLength(100)
          expect(await stage.system.counts(signal())).toMatchObject({ queued: 53 })
        })
        test('a removed job does not come back over the same bytes added anew', async () => {
          const { added } = await stage.system.add([file('one.m4a', 'c'.repeat(64))])
          const rows = await stage.system.rows({ kind: 'ids', ids: added.map(({ id }) => id) }, 1, signal())
          const { changed } = await stage.system.write(rows, { verb: 'remove' })
          const anew = await stage.system.add([file('one again.m4a', 'c'.repeat(64))])
          expect(anew.added).toHaveLength(1)
          const result = await stage.system.restore(changed)
          expect(result).toMatchObject({ restored: 0, left: [{ because: expect.stringContaining('added again') }] })
          expect(await stage.system.counts(signal())).toMatchObject({ queued: 4 })
        })
      })
    else
      test('add is refused with its sentence', async () => {
        await expect(stage.system.add([{ path: '/a', title: 'a', bytes: 1, sha256: null }])).rejects.toMatchObject({
          failure: { kind: 'unsupported' },
        })
      })
  })
}

function inOrder<T extends string | number | null>(keys: readonly T[], descending: boolean): T[] {
  const sign = descending ? -1 : 1
  return [...keys].sort((a, b) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return a < b ? -sign : a > b ? sign : 0
  })
}
