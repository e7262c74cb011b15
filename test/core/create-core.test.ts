// The core as one value: jobs, transcripts, adding, and that it ends cleanly with what it began.
import { beforeEach, describe, expect, it } from 'vitest'
import { type MemoryJobs, memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { JobQuery } from '../../electron/contract/job.ts'
import type { Core } from '../../electron/core/api.ts'
import { createCore } from '../../electron/core/create-core.ts'
import type { FileFinder } from '../../electron/core/ports/jobs.ts'
import { admin, cast, failureOf, request, signal } from '../support/acting.ts'
import { bareSystem } from '../support/bare-system.ts'
import { localParts } from '../support/local-parts.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { memoryLife } from '../support/memory-findings.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { MINUTE } from '../support/snapshot-builders.ts'

let clock: ManualClock
let jobs: MemoryJobs
let core: Core
const files: FileFinder = {
  find: async (paths) => ({
    files: paths
      .filter((path) => path.endsWith('.m4a'))
      .map((path) => ({ path, title: path.slice(1), bytes: 1, sha256: path })),
    refused: paths.filter((path) => !path.endsWith('.m4a')).map((path) => ({ path, because: 'there is no such file' })),
  }),
}

beforeEach(() => {
  clock = manualClock()
  jobs = memoryJobs({ id: 'local', clock })
  jobs.seed(cast)
  let id = 0
  const system = bareSystem(jobs)
  core = createCore({
    systems: () => [system],
    history: memoryHistory(),
    ...memoryLife(),
    clock,
    files,
    local: localParts(),
    maker: null,
    heartbeatLimitMs: () => 15 * MINUTE,
    newId: () => `r${++id}`,
    notice: () => undefined,
    hash: (text) => text,
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
})

const ref = (id: string) => ({ system: 'local', id })

describe('what is not there', () => {
  it('is a failure that says so, for systems, jobs and transcripts', async () => {
    expect(await failureOf(core.page(JobQuery.parse({ system: 'archive', state: 'done' }), signal))).toMatchObject({
      kind: 'missing',
      on: 'archive',
      remedy: 'There is local.',
    })
    expect((await failureOf(core.detail(ref('nobody'), signal))).because).toBe('local has no such job (any more)')
    expect((await failureOf(core.export({ ...ref('failed'), format: 'txt' }, signal))).because).toBe(
      'the job is failed, so there is no transcript yet',
    )
    expect((await failureOf(core.preview(request({ action: 'retry-jobs', system: 'archive' }), signal))).kind).toBe(
      'missing',
    )
    expect((await failureOf(core.execute(request({ action: 'retry-jobs', system: 'archive' }), '', admin))).kind).toBe(
      'missing',
    )
  })

  it('an answer that does not come is a timeout', async () => {
    jobs.page = () => new Promise(() => undefined)
    const asked = failureOf(core.page(JobQuery.parse({ system: 'local', state: 'done' }), signal))
    await clock.advance(31_000)
    expect((await asked).kind).toBe('timeout')
  })
})

describe('jobs', () => {
  it('are pages, details, segments and exports of the system', async () => {
    const page = await core.page(JobQuery.parse({ system: 'local', state: 'failed' }), signal)
    expect(page.jobs.map(({ id }) => id).sort()).toEqual(['failed', 'failed-too'])
    expect((await core.detail(ref('done'), signal)).segmentCount).toBe(1)
    expect((await core.transcript({ ...ref('done'), from: 0, limit: 10 }, signal)).segments).toHaveLength(1)
    expect(await core.mediaPath(ref('done'), signal)).toBeNull()
  })

  it('export every segment, however many pages they take', async () => {
    const segments = Array.from({ length: 4321 }, (_, i) => ({
      startMs: i * 1000,
      endMs: i * 1000 + 900,
      text: `word${i}`,
    }))
    jobs.seed([{ id: 'long', title: 'long.m4a', state: 'done', segments }])
    const { text } = await core.export({ ...ref('long'), format: 'json' }, signal)
    for (const i of [0, 1999, 2000, 4320]) expect(text).toContain(`word${i}"`)
  })
})

describe('add', () => {
  it('finds, adds and reports each path; a bad one stops nothing', async () => {
    const first = await core.add('local', ['/a.m4a', '/missing', '/b.m4a'], signal)
    expect(first.added.map(({ title }) => title)).toEqual(['a.m4a', 'b.m4a'])
    expect(first.refused).toEqual([{ path: '/missing', because: 'there is no such file' }])
    const again = await core.add('local', ['/a.m4a'], signal)
    expect(again.duplicates.map(({ path }) => path)).toEqual(['/a.m4a'])
    expect((await core.add('local', ['/missing'], signal)).added).toEqual([])
  })

  it('is refused with the system’s own sentence before anything is hashed', async () => {
    jobs.abilities = async () => ({
      ...(await memoryJobs({ id: 'x', clock }).abilities(signal)),
      add: { can: false, because: 'Its own stack adds recordings.' },
    })
    expect(await failureOf(core.add('local', ['/a.m4a'], signal))).toMatchObject({
      kind: 'unsupported',
      because: 'Its own stack adds recordings',
    })
  })
})

describe('a change', () => {
  it('is seen by watchers within a second, with its receipt in the list', async () => {
    core.start()
    const stop = new AbortController()
    const seen: number[] = []
    const watching = (async () => {
      for await (const event of core.watch(stop.signal)) {
        const systems =
          event.kind === 'snapshot' ? event.snapshot.systems : event.changes.changed.map(({ fields }) => fields)
        for (const { counts } of systems) if (counts?.status === 'known') seen.push(counts.value.failed)
      }
    })()
    await clock.advance(1000)
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await core.preview(asked, signal)
    await core.execute(asked, fingerprint, admin)
    await clock.advance(200)
    expect(seen.at(-1)).toBe(0)
    expect(core.receipts(10, null).map(({ id }) => id)).toEqual(['r1'])
    expect(core.receipts(10, 'r1')).toEqual([])
    await core.undo('r1', admin)
    await clock.advance(200)
    expect(seen.at(-1)).toBe(2)
    stop.abort()
    await watching
    await core.stop()
    expect(clock.pending()).toBe(0)
  })

  it('under way when the core stops still gets its receipt', async () => {
    const write = jobs.write
    let go: () => void = () => undefined
    jobs.write = async (...args) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return write(...args)
    }
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await core.preview(asked, signal)
    const writing = core.execute(asked, fingerprint, admin)
    await clock.settle()
    let stopped = false
    const stopping = core.stop().then(() => {
      stopped = true
    })
    await clock.settle()
    expect(stopped).toBe(false)
    go()
    await stopping
    expect((await writing).count).toBe(2)
    expect(core.receipts(10, null)).toHaveLength(1)
  })
})

it('says which interrupted changes nobody can settle, because their system is not in the settings', () => {
  const history = memoryHistory()
  const intent = {
    kind: 'execute',
    action: 'retry-jobs',
    title: 'Retry 2 jobs',
    at: clock.now(),
    actor: 'ops',
  } as const
  history.begin({ ...intent, id: 'i1', system: 'gone', previewed: 2 })
  const notices: string[] = []
  const other = createCore({
    systems: () => [bareSystem(jobs)],
    history,
    ...memoryLife(),
    ...{ clock, files, local: localParts(), maker: null, heartbeatLimitMs: () => 15 * MINUTE, newId: () => 'r' },
    notice: (sentence) => notices.push(sentence),
    hash: (text) => text,
    onBug: () => undefined,
  })
  other.start()
  expect(notices).toEqual([expect.stringMatching(/^“Retry 2 jobs” on gone was interrupted, and the settings list no/)])
  return other.stop()
})
