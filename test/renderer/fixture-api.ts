// The Api over fixture data: enough behaviour to see every screen, dialog and answer without a database.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../electron/adapters/clock.ts'
import type { ActionRequest, Preview, Receipt } from '../../electron/contract/action.ts'
import { diffSnapshots } from '../../electron/contract/diff.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import type { CatalogModel, LogLine } from '../../electron/contract/host.ts'
import type { Attempt, Job, JobQuery, Segment } from '../../electron/contract/job.ts'
import { Settings } from '../../electron/contract/settings.ts'
import type { LiveEvent, Snapshot } from '../../electron/contract/snapshot.ts'
import type { Api, JobRef } from '../../electron/core/api.ts'
import { followFindings } from '../../electron/core/follow-findings.ts'
import { fakeAutomations } from '../support/fake-automations.ts'
import { fakeSamples } from '../support/fake-samples.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { actionsOf, previewOf } from './fixture-actions.ts'
import { fixtureArchive } from './fixture-archive.ts'
import { ledgersOf, messagesOf, queueJobsOf, resultsOf } from './fixture-broker.ts'
import { BASE, jobsOf, random, type Scenario, snapshotAt } from './fixture-data.ts'
import { limitsOf, reconciliationOf } from './fixture-proof.ts'
import { envViewOf, logsOf } from './fixture-stack.ts'
import { configured, fixtureConnecting } from './fixture-systems.ts'

const states = ['queued', 'running', 'failed', 'done', 'skipped'] as const
const iso = (ms: number) => new Date(ms).toISOString()

export interface FixtureApi extends Api {
  /** The next `execute` is refused as stale. */
  stale(): void
  readonly executed: ActionRequest[]
}

export function fixtureApi(scenario: Scenario, media: string | null = null): FixtureApi {
  const begun = Date.now()
  const now = () => BASE + Date.now() - begun
  const receipts: Receipt[] = []
  const executed: ActionRequest[] = []
  let uploads: string | null = null
  let settings = scenario === 'stuck' || scenario === 'storm' ? configured() : Settings.parse({})
  let isStale = false

  const find = ({ system, id }: JobRef): Job => {
    const job = states.flatMap((state) => jobsOf(scenario, system, state, now())).find((one) => one.id === id)
    if (job === undefined)
      throw new FailureError({
        kind: 'missing',
        tried: 'Read the job',
        on: id,
        because: 'there is no such job',
        remedy: null,
      })
    return job
  }
  const sampleOf = (request: ActionRequest): Job[] => {
    if (request.target === 'all') return jobsOf(scenario, request.system, 'failed', now())
    return request.target.map((id) => find({ system: request.system, id }))
  }

  const findings = memoryFindings()
  const life = followFindings({
    findings,
    clock: { ...systemClock, nowMs: now, now: () => iso(now()) },
    onBug: (_where, error) => {
      throw error
    },
  })
  const shown = (): Snapshot => {
    const plain = snapshotAt(scenario, now())
    return { ...plain, findings: life.next(plain.findings, () => 'clear') }
  }

  async function* watch(signal: AbortSignal): AsyncGenerator<LiveEvent, void, void> {
    let last = shown()
    yield { kind: 'snapshot', snapshot: last }
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        signal.addEventListener(
          'abort',
          () => {
            clearTimeout(timer)
            resolve()
          },
          { once: true },
        )
      })
      const next = { ...shown(), sequence: last.sequence + 1 }
      const change = diffSnapshots(last, next)
      if (change === null || signal.aborted) continue
      yield change
      last = next
    }
  }

  const preview = (request: ActionRequest): Preview =>
    previewOf(request, /-jobs?$/.test(request.action) ? sampleOf(request) : [], scenario)
  return {
    executed,
    stale: () => {
      isStale = true
    },
    core: {
      start: () => undefined,
      settle: async () => undefined,
      stop: async () => undefined,
      read: async () => shown(),
      latest: shown,
      watch,
      page: async (query) => pageOf(jobsOf(scenario, query.system, query.state, now()), query),
      detail: async (ref) => {
        const job = find(ref)
        return {
          job,
          attempts: attemptsOf(job),
          facts: factsOf(job),
          segmentCount: segmentsOf(job).length,
          playable: media !== null && job.state === 'done',
        }
      },
      transcript: async ({ from, limit, ...ref }) => {
        const all = segmentsOf(find(ref))
        return { segments: all.slice(from, from + limit), next: from + limit < all.length ? from + limit : null }
      },
      export: async ({ format, ...ref }) => ({
        fileName: `${find(ref).title}.${format}`,
        mimeType: 'text/plain',
        text: 'Good evening.\n',
      }),
      mediaPath: async () => media,
      add: async (_, paths) => ({
        added: paths
          .filter((path) => !/bad|twice/.test(path))
          .map((path, n) => ({ id: `new-${n}`, title: path.split('/').at(-1) ?? path, path })),
        duplicates: paths
          .filter((path) => path.includes('twice'))
          .map((path) => ({ id: 'done-0', title: 'Call recording 5454_200326_165049.m4a', path })),
        refused: paths
          .filter((path) => path.includes('bad'))
          .map((path) => ({ path, because: 'there is no file of this name' })),
      }),
      ledgers: async ({ system, id }) => ledgersOf(scenario, system, id),
      runTree: async () => ({ nodes: [], more: false }),
      limits: async (id) => limitsOf(id),
      reconcile: async (id) => reconciliationOf(id),
      messages: async (query) => messagesOf(scenario, query),
      queueJobs: async (query) => queueJobsOf(scenario, query),
      results: async (query) => resultsOf(query),
      quarantines: async () => [],
      serviceLogs: async (query) => logsOf(scenario, query, now()),
      reveal: async (_id, key) => `the value of ${key}`,
      env: async () => envViewOf(scenario),
      actions: async (system) => actionsOf(scenario, system),
      preview: async (request) => preview(request),
      execute: async (request, _fingerprint, caller) => {
        if (isStale) {
          isStale = false
          throw new FailureError({ kind: 'stale', tried: 'Do it', on: '', because: 'the jobs changed', remedy: null })
        }
        executed.push(request)
        const { title, count, confirm, undoable } = preview(request)
        const receipt: Receipt = {
          id: `r-${receipts.length + 1}`,
          action: request.action,
          system: request.system,
          title,
          summary: `${confirm}: done.`,
          at: iso(now()),
          actor: caller.actor,
          count,
          previewed: count,
          left: [],
          undoable,
          watch: watchOf(request, now()),
          undone: null,
        }
        receipts.unshift(receipt)
        return receipt
      },
      acknowledge: (key, { actor }) => life.say(key, { change: 'acknowledged' }, actor),
      snooze: (key, minutes, { actor }) =>
        life.say(key, { change: 'snoozed', until: iso(now() + minutes * 60_000) }, actor),
      wake: (key, { actor }) => life.say(key, { change: 'woken' }, actor),
      episodes: ({ limit }) => life.history(iso(BASE - 1), iso(now() + 1), limit),
      receipts: (limit) => receipts.slice(0, limit),
      undo: async (id, caller) => {
        const at = receipts.findIndex((one) => one.id === id)
        const found = receipts[at]
        if (found === undefined)
          throw new FailureError({
            kind: 'missing',
            tried: 'Undo',
            on: id,
            because: 'no receipt has this ID',
            remedy: null,
          })
        const undone = { ...found, undone: { at: iso(now()), actor: caller.actor, restored: found.count, left: [] } }
        receipts[at] = undone
        return undone
      },
    },
    machine: {
      workerLog: (cursor) => logPage(cursor, now()),
      models: () => catalogue(scenario),
      downloadModel: () => true,
      cancelDownload: () => true,
      importModel: async (path) => ({
        ok: false,
        failure: {
          kind: 'invalid',
          tried: 'Import a model',
          on: path,
          because: 'it is not a ggml model',
          remedy: 'Choose a ggml .bin file.',
        },
      }),
      selectModel: async (name) => ({
        ok: true,
        path: name,
        sentence: `The worker uses ${name} from its next job on.`,
      }),
      settings: () => settings,
      updateSettings: async (patch) => {
        settings = Settings.parse({ ...settings, ...patch, worker: { ...settings.worker, ...patch.worker } })
        return settings
      },
      info: () => ({
        version: '0.1.0',
        dataDir: '/home/admin/.local/share/unjam',
        platform: 'Linux x64',
        cores: 16,
        memoryBytes: 64e9,
        freeMemoryBytes: 41e9,
        user: 'admin',
        host: 'browser',
        startedAt: iso(now() - 9e6),
        notices: [],
      }),
      doctor: async () => [
        { id: 'node', title: 'Node', state: 'ok', sentence: 'Version 24.21.0.' },
        { id: 'database', title: 'Database', state: 'ok', sentence: 'The embedded PostgreSQL 18 answers after 0.6 s.' },
        { id: 'engine', title: 'Engine', state: 'ok', sentence: 'whisper.cpp 1.8.2 is built for this processor.' },
        {
          id: 'model',
          title: 'Model',
          state: scenario === 'fresh' ? 'missing' : 'ok',
          sentence:
            scenario === 'fresh' ? 'There is no model yet: download one on the Worker screen.' : 'small, 488 MB.',
        },
        {
          id: 'desktop',
          title: 'Desktop',
          state: 'later',
          sentence: 'No display was found, so the browser host is served.',
        },
      ],
      buildEngine: () => true,
      async uploadPath(name) {
        uploads ??= mkdtempSync(join(tmpdir(), 'unjam-fixture-'))
        return join(uploads, name)
      },
    },
    automations: fakeAutomations(),
    samples: fakeSamples(),
    archive: fixtureArchive({ findings, now, shown, receipts: () => receipts }, scenario === 'fresh'),
    connecting: fixtureConnecting(
      () => settings,
      (next) => {
        settings = next
      },
    ),
  }
}

/** Runbook 2 promises that the enqueuer is back within 2 minutes of a purge. */
const watchOf = ({ action }: ActionRequest, now: number): Receipt['watch'] =>
  action === 'purge-queue'
    ? { state: 'watching', until: iso(now + 120_000), sentence: 'Waiting for the next enqueue_pending_recordings.' }
    : null

function pageOf(jobs: readonly Job[], { search, sort, descending, limit, cursor }: JobQuery) {
  const key = (job: Job) =>
    sort === 'title' ? job.title : sort === 'audio' ? (job.audioMs ?? 0) : (job.createdAt ?? '')
  const kept = jobs
    .filter(({ title }) => title.toLowerCase().includes(search.toLowerCase()))
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1) * (descending ? -1 : 1))
  const from = Number(cursor ?? 0)
  return { jobs: kept.slice(from, from + limit), cursor: from + limit < kept.length ? String(from + limit) : null }
}

const attempt = (number: number, fields: Partial<Attempt>): Attempt => ({
  number,
  worker: 'w',
  startedAt: iso(BASE - (9 - number) * 31 * 60_000),
  endedAt: iso(BASE - (9 - number) * 31 * 60_000 + 1_800_000),
  outcome: 'failed',
  error: 'TimeLimitExceeded(1800)',
  chunksSaved: 0,
  audioMs: 0,
  wallMs: 1_800_000,
  ...fields,
})

function attemptsOf(job: Job): Attempt[] {
  if (job.state === 'queued') return []
  if (job.state === 'running')
    return [
      attempt(1, { outcome: 'parked', error: null, chunksSaved: 2, wallMs: 700_000 }),
      attempt(2, { outcome: 'running', endedAt: null, error: null, wallMs: null, chunksSaved: 3 }),
    ]
  const failed = [1, 2, 3].map((n) => attempt(n, {}))
  return job.state === 'done'
    ? [...failed, attempt(4, { outcome: 'done', error: null, chunksSaved: 7, audioMs: 68 * 60_000, wallMs: 5_746_000 })]
    : [...failed, attempt(4, {})]
}

const factsOf = (job: Job) => [
  { label: 'File', value: `C:\\app\\data\\${job.title}`, source: 'database' },
  { label: 'Status', value: job.state, source: 'database' },
  { label: 'SHA-256', value: 'b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184', source: 'database' },
  { label: 'Worker', value: 'celery@archive-1, model small', source: 'worker' },
]

const said = [
  'Good evening, you are through to the service desk. My name is Dana.',
  'Hello. I am calling about the order from last Tuesday. It still says “in preparation”.',
  'Let me look that up for you. Do you have the order number at hand?',
  'Yes, it is four four one seven, dash, two zero nine.',
  'Thank you. I can see it here. The parcel left the warehouse this morning.',
  'So when will it arrive? I have been told three different dates.',
  'The carrier announces Thursday before noon. I will send you the tracking link.',
  'Please do. And could you put a note on it, so that nobody leaves it at the door?',
]

function segmentsOf(job: Job): Segment[] {
  if (job.state !== 'done') return []
  const next = random(11)
  const all: Segment[] = []
  for (let at = 0; at < (job.audioMs ?? 0); ) {
    const length = 3000 + next() * 6000
    all.push({ startMs: Math.round(at), endMs: Math.round(at + length), text: ` ${said[all.length % said.length]}` })
    at += length + (next() < 0.2 ? 9000 : 400)
  }
  return all
}

function catalogue(scenario: Scenario): CatalogModel[] {
  const have = scenario === 'fresh' || scenario === 'building' ? '' : 'small'
  const sizes: readonly [string, number, number][] = [
    ['tiny', 77.7e6, 273e6],
    ['base', 147.9e6, 388e6],
    ['small', 487.6e6, 852e6],
    ['medium', 1533.8e6, 2.1e9],
    ['large-v3', 3095e6, 3.9e9],
    ['large-v3-turbo', 1624.6e6, 2.3e9],
  ]
  return sizes.map(([name, size, memory]) => ({
    name,
    fileName: `ggml-${name}.bin`,
    bytes: size,
    memoryBytes: memory,
    sha1: '0'.repeat(40),
    present: name === have,
    selected: name === have,
  }))
}

function logPage(cursor: number, now: number) {
  const until = 40 + Math.floor((now - BASE) / 3000)
  const texts = [
    'chunk 4 saved: 30:00 to 40:00 in 34 min 20 s',
    'heartbeat',
    'started Call recording 5454_210513_095857.m4a, attempt 1',
    'decoding 40:00 to 50:00',
  ]
  const lines: LogLine[] = Array.from({ length: Math.max(0, until - cursor) }, (_, n) => ({
    n: cursor + n + 1,
    at: iso(BASE - (until - cursor - n) * 3000),
    level: (cursor + n) % 17 === 0 ? 'warn' : 'info',
    text: texts[(cursor + n) % 4] ?? '',
  }))
  return { lines, cursor: until }
}
