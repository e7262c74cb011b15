// A QC service for samples on loopback HTTP, in both wire shapes: the runbook's, and that of the real routes.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import * as z from 'zod'
import { byStatus, type SampleQcJob, type SampleQcJobs } from './sample-qc-jobs.ts'

export type QcShape = 'runbook' | 'routes'

export interface SampleQcServer {
  readonly url: string
  /** Made for this server, and gone with it. */
  readonly token: string
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const MOST_BYTES = 64 * 1024
const Order = z.object({ action: z.string(), jobId: z.string(), jobIds: z.array(z.string()) }).partial()

export async function sampleQcServer(shape: QcShape, jobs: SampleQcJobs, nowMs: () => number): Promise<SampleQcServer> {
  const token = randomUUID()
  const at = (ms: number) => new Date(ms).toISOString()
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      () => response.writeHead(400).end(),
    )
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.url === '/api/health/full') return { status: 200, body: health() }
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: 'Unauthorized' } }
    if (request.url === '/api/qc/debug')
      return request.method === 'GET' ? { status: 200, body: debug() } : order(await bodyOf(request))
    if (request.url === '/api/qc/reprocess') return order({ ...(await bodyOf(request)), action: 'retry_specific' })
    return { status: 404, body: { error: 'Not found' } }
  }

  function order({ action, jobId, jobIds = [] }: z.infer<typeof Order>): Answer {
    switch (action) {
      case 'trigger_worker':
        jobs.trigger()
        return { status: 200, body: { success: true, message: 'Worker triggered' } }
      case 'cancel_stuck':
        return { status: 200, body: { success: true, cancelled: jobs.cancelStuck() } }
      case 'retry_specific': {
        const meant = shape === 'runbook' ? (jobId === undefined ? [] : [jobId]) : jobIds
        return { status: 200, body: { success: true, retried: jobs.retry(meant) } }
      }
      default:
        return { status: 400, body: { error: 'Invalid action' } }
    }
  }

  function health(): unknown {
    const stuck = jobs.stuck().length
    const services = {
      qc_worker: { status: stuck === 0 ? 'ok' : 'error', details: { ...byStatus(jobs), stuck } },
      database: { status: 'ok' },
      groq_api: { status: 'ok' },
      google_oauth: jobs.driveConnected() ? { status: 'ok' } : { status: 'error', message: 'Token expired' },
    }
    const list = Object.entries(services).map(([name, one]) => ({ name, latency: 3, ...one }))
    return {
      status: stuck === 0 ? 'healthy' : 'degraded',
      timestamp: at(nowMs()),
      ...(shape === 'runbook' ? services : { services: list }),
    }
  }

  const some = (status: SampleQcJob['status']) => jobs.all.filter((job) => job.status === status)
  const listed = (job: SampleQcJob) => ({
    ...{ id: job.id, status: job.status, progress: job.progress },
    ...(job.error === null ? {} : { error_message: job.error }),
    ...{ created_at: at(job.createdMs), started_at: at(job.startedMs), updated_at: at(job.endedMs ?? job.movedMs) },
  })

  function debug(): unknown {
    if (shape === 'runbook')
      return {
        jobsByStatus: byStatus(jobs),
        stuckJobs: jobs.stuck().map((job) => ({ ...listed(job), file_name: job.file })),
        recentActive: some('running').map((job) => ({ ...listed(job), file_name: job.file })),
        recentQueued: some('queued').map((job) => ({ ...listed(job), file_name: job.file })),
        lastErrors: some('failed').map((job) => ({ ...listed(job), file_name: job.file })),
        timestamp: at(nowMs()),
      }
    const brief = (job: SampleQcJob) => ({ id: job.id, status: job.status, fileName: job.file, progress: job.progress })
    return {
      success: true,
      platform: { name: 'sample', maxConcurrentJobs: 2 },
      jobs: {
        total: jobs.all.length,
        counts: byStatus(jobs),
        stuckCount: jobs.stuck().length,
        stuckJobs: jobs.stuck().map((job) => ({ ...brief(job), error: job.error, updatedAt: at(job.movedMs) })),
      },
      recentActive: some('running').map((job) => ({
        ...brief(job),
        startedAt: at(job.startedMs),
        updatedAt: at(job.movedMs),
      })),
      recentQueued: some('queued').map((job) => ({ ...brief(job), createdAt: at(job.createdMs) })),
      recentErrors: some('failed').map((job) => ({ ...brief(job), error: job.error, failedAt: at(job.endedMs ?? 0) })),
      timestamp: at(nowMs()),
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<z.infer<typeof Order>> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > MOST_BYTES) throw new Error('too long')
  }
  return Order.parse(text === '' ? {} : JSON.parse(text))
}
