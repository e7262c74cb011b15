// A QC service over real HTTP in both wire shapes: jobs, counts, health, and a sentence for what it does not tell.
import { afterEach, describe, expect, it } from 'vitest'
import { qcApi } from '../../../electron/adapters/qc/qc-api.ts'
import { qcSystem } from '../../../electron/adapters/qc/qc-jobs.ts'
import { JobQuery } from '../../../electron/contract/job.ts'
import { QcTexts } from '../../../electron/contract/qc-texts.ts'
import { failureOf } from '../../support/acting.ts'
import { type QcJob, type QcServer, qcServer, type Shape, TOKEN } from '../../support/qc-server.ts'
import { MINUTE } from '../../support/snapshot-builders.ts'

const open: QcServer[] = []
afterEach(() => Promise.all(open.splice(0).map((qc) => qc.close())))

const cast: readonly QcJob[] = [
  {
    id: 'drive',
    file: 'ep1.mov',
    status: 'running',
    progress: 17,
    stillMs: 6 * MINUTE,
    error: 'Google Drive access denied',
  },
  { id: 'waits', file: 'ep2.mov', status: 'queued', progress: 0, ageMs: 4 * MINUTE },
  { id: 'bad', file: 'ep3.mov', status: 'failed', progress: 55, error: 'no audio' },
  { id: 'good', file: 'ep4.mov', status: 'completed', progress: 100 },
]

async function start(shape: Shape, jobs = cast, token = TOKEN) {
  const qc = await qcServer(
    shape,
    jobs.map((job) => ({ ...job })),
  )
  open.push(qc)
  const api = qcApi({ url: qc.url, token })
  return { qc, ...qcSystem({ id: 'qc', texts: QcTexts.parse({}), api: () => api }) }
}
const signal = () => AbortSignal.timeout(60_000)
const query = (part: object) => JobQuery.parse({ system: 'qc', state: 'failed', ...part })

describe.each(['runbook', 'routes'] as const)('in the shape of the %s', (shape) => {
  it('counts by status and shows stuck jobs with file, progress, error and age', async () => {
    const { jobs, qc } = await start(shape)
    expect(await jobs.counts(signal())).toEqual({ queued: 1, running: 1, done: 1, failed: 1, skipped: 0 })
    const [job, ...more] = await jobs.running(10, signal())
    expect(more).toEqual([])
    expect(job).toMatchObject({
      ...{ id: 'drive', title: 'ep1.mov', state: 'running', heartbeatAgeMs: null },
      progress: { percent: 17, stuck: true, step: 'Google Drive access denied' },
    })
    if (shape === 'runbook') expect(job?.progress?.movedAgeMs).toBeGreaterThan(5.9 * MINUTE)
    else expect(job?.elapsedMs).toBeGreaterThan(5.9 * MINUTE)
    // Counts and jobs came from one answer.
    expect(qc.requests).toEqual(['GET /api/qc/debug'])
  })

  it('reads what it leans on, its worker with numbers; not configured is unknown', async () => {
    const { dependencies, qc } = await start(shape)
    qc.health.set('google_oauth', { status: 'error', message: 'Token expired' })
    qc.health.set('stripe', { status: 'error', message: 'Not configured (optional)' })
    qc.health.set('storage', { status: 'purple' })
    expect(await dependencies.read(signal())).toEqual([
      { name: 'qc_worker', state: 'down', detail: '1 queued, 1 running, 1 completed, 1 failed, 1 stuck' },
      { name: 'database', state: 'ok', detail: 'Connected' },
      { name: 'groq_api', state: 'ok', detail: null },
      { name: 'google_oauth', state: 'down', detail: 'Token expired' },
      { name: 'stripe', state: 'unknown', detail: 'Not configured (optional)' },
      { name: 'storage', state: 'unknown', detail: null },
    ])
  })

  it('retries one job by either key, and touches no other', async () => {
    const { jobs, qc } = await start(shape)
    const rows = await jobs.rows({ kind: 'ids', ids: ['drive'] }, 10, signal())
    expect(await jobs.write(rows, { verb: 'retry' })).toMatchObject({
      changed: [{ before: { id: 'drive' } }],
      left: [],
    })
    expect([...qc.jobs.values()].map(({ status }) => status)).toEqual(['queued', 'queued', 'failed', 'completed'])
  })

  it('retries by reprocess where retry_specific is not known: that job and no other failed one', async () => {
    const { jobs, qc } = await start(shape)
    qc.jobs.set('worse', { id: 'worse', file: 'ep5.mov', status: 'failed', progress: 60 })
    qc.unknownOrders.add('retry_specific')
    const rows = await jobs.rows({ kind: 'ids', ids: ['bad'] }, 10, signal())
    expect((await jobs.write(rows, { verb: 'retry' })).left).toEqual([])
    expect(qc.jobs.get('bad')?.status).toBe('queued')
    expect(qc.jobs.get('worse')?.status).toBe('failed')
    expect(qc.requests.at(-1)).toBe('POST /api/qc/reprocess {"jobId":"bad","jobIds":["bad"]}')
  })
})

it('pages what is listed, and says what is not', async () => {
  const many = Array.from(
    { length: 7 },
    (_, n): QcJob => ({ id: `f${n}`, file: `F${n}.mov`, status: 'failed', progress: 1, error: 'x' }),
  )
  const { jobs } = await start('runbook', [...cast, ...many])
  const first = await jobs.page(query({ sort: 'title', limit: 5 }), signal())
  const rest = await jobs.page(query({ sort: 'title', limit: 5, cursor: first.cursor }), signal())
  expect([...first.jobs, ...rest.jobs].map(({ title }) => title)).toEqual(['ep3.mov', ...many.map(({ file }) => file)])
  expect(rest.cursor).toBeNull()
  expect((await jobs.page(query({ search: 'f3' }), signal())).jobs).toHaveLength(1)
  expect(await failureOf(jobs.page(query({ state: 'done' }), signal()))).toMatchObject({
    kind: 'unsupported',
    because: 'the service lists no done jobs, only how many',
  })
  expect((await jobs.page(query({ state: 'skipped' }), signal())).jobs).toEqual([])
  expect(await failureOf(jobs.page(query({ cursor: first.cursor }), signal()))).toMatchObject({ kind: 'invalid' })
  expect(await failureOf(jobs.workers(signal()))).toMatchObject({ kind: 'unsupported' })
  expect(await jobs.detail('bad', signal())).toMatchObject({ job: { state: 'failed', error: 'no audio' } })
  expect(await jobs.detail('gone', signal())).toBeNull()
})

it('tells a slow job from a stuck one once it has seen it move', async () => {
  const { jobs, qc } = await start('routes')
  const moved = async () => (await jobs.running(10, signal()))[0]?.progress?.movedAgeMs
  expect(await moved()).toBeNull()
  Object.assign(qc.jobs.get('drive') ?? {}, { progress: 18 })
  await jobs.rows({ kind: 'ids', ids: ['drive'] }, 1, signal())
  expect(await moved()).toBeLessThan(MINUTE)
})

describe('one sentence for everything that is not an answer', () => {
  const cases: [string, number, string, RegExp][] = [
    ['a page of HTML', 200, '<!doctype html><title>Render</title>', /web page where the jobs should be/],
    ['half an answer', 200, '{"jobs": {"counts": {"queu', /not \(whole\) JSON/],
    ['something else', 200, '{"hello": "world"}', /neither a number nor a list of jobs/],
    ['a list', 200, '[1]', /neither a number nor a list/],
    ['a token it does not know', 401, '{"error":"x"}', /does not accept this token or user \(401\)/],
    ['no right', 403, '', /may not read it \(403\)/],
    ['no path', 404, 'x', /nothing at that path/],
    ['too often', 429, '', /too often/],
    ['trouble', 502, '<html>', /trouble of its own \(502\)/],
  ]
  it.each(cases)('%s', async (_name, status, body, because) => {
    const { jobs, qc } = await start('routes')
    qc.fault = (_request, response) => response.writeHead(status).end(body)
    const failure = await failureOf(jobs.counts(signal()))
    expect(failure.because).toMatch(because)
    expect(failure).toMatchObject({ tried: 'Read the QC jobs', on: expect.stringContaining(qc.url) })
    expect(JSON.stringify(failure)).not.toContain(TOKEN)
  })

  it('a health report is read although it comes with 503; trouble without a report stays trouble', async () => {
    const { dependencies, qc } = await start('routes')
    const report = { status: 'unhealthy', services: [{ name: 'groq_api', status: 'error', message: 'HTTP 401' }] }
    qc.fault = (_request, response) => response.writeHead(503).end(JSON.stringify(report))
    expect(await dependencies.read(signal())).toEqual([{ name: 'groq_api', state: 'down', detail: 'HTTP 401' }])
    for (const body of ['{"error":"boom"}', '<html>', '', '{"services": [{"na']) {
      const other = await start('routes')
      other.qc.fault = (_request, response) => response.writeHead(503).end(body)
      expect(await failureOf(other.dependencies.read(signal()))).toMatchObject({
        because: 'it has trouble of its own (503)',
      })
    }
  })

  it('the token goes to no other host, and an order is not sent on', async () => {
    const other = await start('routes')
    const { jobs, recovery, qc } = await start('routes')
    qc.fault = (_request, response) => response.writeHead(307, { location: `${other.qc.url}/api/qc/debug` }).end()
    expect((await failureOf(jobs.counts(signal()))).because).toMatch(/which is not followed/)
    expect((await failureOf(recovery.triggerWorker(signal()))).because).toMatch(/which is not followed/)
    expect(other.qc.requests).toEqual([])
  })

  it('silence ends with the asker’s own deadline; a no with status 200 is a no', async () => {
    const { jobs, recovery, qc } = await start('routes')
    qc.fault = () => undefined
    await expect(jobs.counts(AbortSignal.timeout(100))).rejects.toThrow()
    expect((await failureOf(recovery.triggerWorker(AbortSignal.timeout(100)))).because).toMatch(/is not known/)
    qc.fault = (_request, response) =>
      response.end(JSON.stringify({ success: false, message: 'Failed to trigger worker', error: `bad ${TOKEN}` }))
    expect((await failureOf(recovery.triggerWorker(signal()))).because).toBe(
      'it says no: Failed to trigger worker; bad ••••••',
    )
  })
})
