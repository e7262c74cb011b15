// Runbook 4 on a real HTTP service, through the whole core: the verdict, each order with its receipt, what it refuses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../electron/adapters/clock.ts'
import { openQc } from '../../../electron/compose/qc-system.ts'
import { SystemSettings } from '../../../electron/contract/settings.ts'
import type { Core } from '../../../electron/core/api.ts'
import { createCore } from '../../../electron/core/create-core.ts'
import { admin, failureOf, request, signal } from '../../support/acting.ts'
import { holdToWording } from '../../support/finding-words.ts'
import { localParts } from '../../support/local-parts.ts'
import { memoryLife } from '../../support/memory-findings.ts'
import { memoryHistory } from '../../support/memory-history.ts'
import { type QcJob, type QcServer, qcServer, TOKEN } from '../../support/qc-server.ts'
import { MINUTE } from '../../support/snapshot-builders.ts'

const cast: readonly QcJob[] = [
  {
    id: 'drive',
    file: 'ep1.mov',
    status: 'running',
    progress: 17,
    stillMs: 4 * MINUTE,
    error: 'Google Drive access denied',
  },
  { id: 'hung', file: 'ep2.mov', status: 'running', progress: 60, stillMs: 9 * MINUTE },
  { id: 'waits', file: 'ep3.mov', status: 'queued', progress: 0, ageMs: MINUTE },
  { id: 'bad', file: 'ep4.mov', status: 'failed', progress: 55, error: 'no audio' },
]
let qc: QcServer
let core: Core

beforeEach(async () => {
  qc = await qcServer(
    'runbook',
    cast.map((job) => ({ ...job })),
  )
  process.env.UNJAM_TEST_QC = TOKEN
  const settings = SystemSettings.parse({ id: 'qc', kind: 'qc', url: qc.url, token: 'env:UNJAM_TEST_QC' })
  if (settings.kind !== 'qc') throw new Error('it is a QC system')
  const system = openQc(settings, '/nowhere')
  let id = 0
  core = createCore({
    systems: () => [system],
    history: memoryHistory(),
    ...memoryLife(),
    clock: systemClock,
    files: { find: async () => ({ files: [], refused: [] }) },
    local: localParts(),
    maker: null,
    heartbeatLimitMs: () => 15 * MINUTE,
    newId: () => `receipt-${++id}`,
    notice: () => undefined,
    hash: (text) => text,
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
})
afterEach(() => qc.close())

const states = () => Object.fromEntries([...qc.jobs.values()].map(({ id, status }) => [id, status]))
const orders = () => qc.requests.filter((one) => one.startsWith('POST'))
const ask = (part: Omit<Parameters<typeof request>[0], 'system'>) => request({ ...part, system: 'qc' })

async function act(part: Omit<Parameters<typeof request>[0], 'system'>) {
  const preview = await core.preview(ask(part), signal)
  return { preview, receipt: await core.execute(ask(part), preview.fingerprint, admin) }
}

it('says why nothing finishes, with proof and the first thing to press', async () => {
  qc.health.set('google_oauth', { status: 'error', message: 'Token expired' })
  const { systems, findings } = await core.read(signal)
  for (const finding of findings) holdToWording(finding)
  expect(findings.map(({ key }) => key)).toEqual([
    'qc-stage-stuck:qc:ffmpeg',
    'qc-stage-stuck:qc:drive',
    'dependency-unhealthy:qc:qc_worker',
    'dependency-unhealthy:qc:google_oauth',
    'auto-recovery-dead:qc',
  ])
  expect(findings[1]).toMatchObject({
    headline: 'One QC job stands still at 17 %. Reconnect Google Drive in Settings, then retry.',
    remedies: [{ action: 'retry-jobs', ids: ['drive'] }],
  })
  expect(systems[0]).toMatchObject({
    counts: { value: { queued: 1, running: 2, done: 0, failed: 1, skipped: 0 } },
    dependencies: { status: 'known' },
    workers: { status: 'unknown', failure: { kind: 'unsupported' } },
  })
  // One question each, whatever was read of it.
  expect(qc.requests.toSorted()).toEqual(['GET /api/health/full', 'GET /api/qc/debug'])
})

it('lists what a QC service can be ordered', async () => {
  const infos = await core.actions('qc', signal)
  const free = infos.filter(({ blocked }) => blocked === null).map(({ id }) => id)
  expect(free).toEqual(expect.arrayContaining(['trigger-worker', 'retry-jobs', 'cancel-stuck']))
  expect(new Set(infos.map(({ id }) => id)).size).toBe(infos.length)
})

describe('retry-jobs', () => {
  it('retries a stuck and a failed job, one request each, and no other', async () => {
    const { preview, receipt } = await act({ action: 'retry-jobs', target: ['drive', 'bad'] })
    expect(preview).toMatchObject({ count: 2, undoable: false, confirm: 'Retry 2 jobs' })
    expect(receipt).toMatchObject({ count: 2, left: [], undoable: false })
    expect(states()).toEqual({ drive: 'queued', hung: 'running', waits: 'queued', bad: 'queued' })
    expect(orders()).toHaveLength(2)
  })

  it('leaves to the service what it does not list, and tells what it says', async () => {
    const { preview, receipt } = await act({ action: 'retry-jobs', target: ['gone'] })
    expect(preview.sample[0]?.note).toBe('the service does not list it, so its state is unknown')
    expect(receipt).toMatchObject({
      count: 0,
      left: [{ id: 'gone', because: expect.stringContaining('retried none') }],
    })
  })

  it('all are the failed ones', async () => {
    expect((await act({ action: 'retry-jobs' })).receipt.count).toBe(1)
    expect(states().bad).toBe('queued')
    expect((await failureOf(core.preview(ask({ action: 'retry-jobs' }), signal))).because).toBe(
      'no job has failed or is stuck',
    )
  })

  it('sends nothing when the job moved on since the preview', async () => {
    const preview = await core.preview(ask({ action: 'retry-jobs', target: ['bad'] }), signal)
    Object.assign(qc.jobs.get('bad') ?? {}, { status: 'completed' })
    const asked = ask({ action: 'retry-jobs', target: ['bad'] })
    expect(await failureOf(core.execute(asked, preview.fingerprint, admin))).toMatchObject({ kind: 'stale' })
    expect(orders()).toEqual([])
  })
})

describe('cancel-stuck', () => {
  const preview = () => core.preview(ask({ action: 'cancel-stuck' }), signal)
  const execute = (fingerprint: string) => core.execute(ask({ action: 'cancel-stuck' }), fingerprint, admin)

  it('previews the stuck ones, cancels, compares afterwards, and has no undo', async () => {
    const { preview, receipt } = await act({ action: 'cancel-stuck' })
    expect(preview).toMatchObject({ count: 2, undoable: false, risk: 'destructive', confirm: 'Cancel 2 stuck jobs' })
    expect(preview.undo).toMatch(/^There is no undo/)
    expect(preview.sample.map(({ id }) => id)).toEqual(['drive', 'hung'])
    expect(receipt).toMatchObject({ count: 2, left: [], undoable: false, summary: '2 stuck jobs were cancelled.' })
    expect(states()).toEqual({ drive: 'failed', hung: 'failed', waits: 'queued', bad: 'failed' })
    expect((await failureOf(core.undo(receipt.id, admin))).kind).toBe('refused')
  })

  it('refuses when the set grew since the preview, and sends nothing', async () => {
    const { fingerprint } = await preview()
    qc.jobs.set('new', { id: 'new', file: 'ep5.mov', status: 'running', progress: 30, stillMs: 3 * MINUTE })
    expect(await failureOf(execute(fingerprint))).toMatchObject({ kind: 'stale' })
    expect(orders()).toEqual([])
  })

  it('goes on when auto-recovery made the set smaller', async () => {
    const { fingerprint } = await preview()
    Object.assign(qc.jobs.get('hung') ?? {}, { status: 'failed' })
    expect(await execute(fingerprint)).toMatchObject({ count: 1 })
    expect(states().drive).toBe('failed')
  })

  it('tells what the service took beyond the preview, and what it left', async () => {
    const { fingerprint } = await preview()
    qc.beforeOrder = () => {
      for (const id of ['new', 'newer'])
        qc.jobs.set(id, { id, file: id, status: 'running', progress: 1, stillMs: 3 * MINUTE })
    }
    expect((await execute(fingerprint)).summary).toBe('2 stuck jobs were cancelled. The service says it took 4 jobs.')
  })

  it('refuses when nothing is stuck', async () => {
    for (const job of qc.jobs.values()) job.stillMs = 0
    expect(await failureOf(preview())).toMatchObject({ kind: 'refused', because: 'no job is stuck' })
  })
})

it('trigger-worker wakes the worker and keeps its word', async () => {
  const { preview, receipt } = await act({ action: 'trigger-worker' })
  expect(preview.command).toBe('POST /api/qc/debug\n{"action": "trigger_worker"}')
  expect(receipt.summary).toBe('The worker was triggered. The service says: Worker triggered.')
  expect(orders()).toEqual(['POST /api/qc/debug {"action":"trigger_worker"}'])
  expect(states()).toEqual(Object.fromEntries(cast.map(({ id, status }) => [id, status])))
})

it('a service that does not answer is unknown with its reason, never empty', async () => {
  qc.fault = (_request, response) => response.writeHead(503).end('<html>')
  const { systems, findings } = await core.read(signal)
  expect(systems[0]?.counts).toMatchObject({
    status: 'unknown',
    failure: { because: 'it has trouble of its own (503)' },
  })
  expect(findings.map(({ headline }) => headline)).toEqual(['Cannot read qc.'])
  expect(findings[0]?.evidence.map(({ label, source }) => [label, source])).toContainEqual([
    'Dependencies',
    'QC service',
  ])
  for (const finding of findings) holdToWording(finding)
})
