// A small QC service over real HTTP, in both wire shapes: the runbook's and that of the routes it was written for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MINUTE } from './snapshot-builders.ts'

export type Shape = 'runbook' | 'routes'

export interface QcJob {
  id: string
  file: string
  status: 'queued' | 'running' | 'completed' | 'failed'
  progress: number
  error?: string
  /** Since its last progress, and since it was made, ms. */
  stillMs?: number
  ageMs?: number
}

export interface QcServer {
  readonly url: string
  readonly jobs: Map<string, QcJob>
  readonly health: Map<string, { status: string; message?: string }>
  /** Every request: "POST /api/qc/debug {…}". */
  readonly requests: string[]
  /** Answers in place of the service; null lets it answer. */
  fault: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** Orders it does not know: answered with 400. */
  readonly unknownOrders: Set<string>
  /** Runs after a preview was taken and before an order is carried out. */
  beforeOrder: (() => void) | null
  close(): Promise<void>
}

export const TOKEN = 'qc-s3cret'

export async function qcServer(shape: Shape, jobs: readonly QcJob[] = []): Promise<QcServer> {
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      qc.requests.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`)
      if (qc.fault !== null) return qc.fault(request, response)
      const { status, answer } = answerTo(request, body === '' ? {} : JSON.parse(body))
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const qc: QcServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jobs: new Map(jobs.map((job) => [job.id, job])),
    health: new Map([
      ['database', { status: 'ok', message: 'Connected' }],
      ['groq_api', { status: 'ok' }],
      ['google_oauth', { status: 'ok' }],
    ]),
    requests: [],
    fault: null,
    unknownOrders: new Set(),
    beforeOrder: null,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }

  const all = () => [...qc.jobs.values()]
  const still = (job: QcJob) => job.stillMs ?? 0
  const stuck = () => all().filter((job) => job.status === 'running' && still(job) > 2 * MINUTE)
  const at = (ms: number) => new Date(Date.now() - ms).toISOString()
  const counts = () =>
    Object.fromEntries(words.map((word) => [word, all().filter((job) => job.status === word).length]))

  function answerTo(request: IncomingMessage, body: Record<string, unknown>): { status: number; answer: unknown } {
    if (request.url === '/api/health/full') return { status: 200, answer: healthReport() }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, answer: { error: 'Unauthorized' } }
    if (request.url === '/api/qc/debug')
      return request.method === 'GET' ? { status: 200, answer: debugReport() } : order(String(body.action), body)
    return request.url === '/api/qc/reprocess' ? order('reprocess', body) : { status: 404, answer: {} }
  }

  function healthReport() {
    const worker = { status: stuck().length === 0 ? 'ok' : 'error', details: { ...counts(), stuck: stuck().length } }
    const services = Object.entries({ qc_worker: worker, ...Object.fromEntries(qc.health) })
    const timestamp = at(0)
    return shape === 'runbook'
      ? { status: 'healthy', timestamp, ...Object.fromEntries(services) }
      : { status: 'healthy', timestamp, services: services.map(([name, one]) => ({ name, latency: 3, ...one })) }
  }

  function debugReport() {
    if (shape === 'runbook')
      return {
        jobsByStatus: counts(),
        stuckJobs: stuck().map((job) => ({
          id: job.id,
          file_name: job.file,
          progress: job.progress,
          updated_at: at(still(job)),
          error_message: job.error ?? null,
        })),
        lastErrors: all()
          .filter(({ status }) => status === 'failed')
          .map((job) => ({ jobId: job.id, fileName: job.file, error: job.error, failedAt: at(MINUTE) })),
      }
    return {
      success: true,
      platform: { name: 'render', maxConcurrentJobs: 2 },
      jobs: {
        total: all().length,
        counts: counts(),
        stuckCount: stuck().length,
        stuckJobs: stuck().map(({ id, status, file, progress, error = null }) => ({
          ...{ id, status, fileName: file, progress, error, age: '7 minutes' },
        })),
      },
      recentActive: all()
        .filter(({ status }) => status === 'running')
        .map((job) => ({
          id: job.id,
          fileName: job.file,
          progress: job.progress,
          startedAt: at(job.ageMs ?? still(job)),
        })),
      recentQueued: all()
        .filter(({ status }) => status === 'queued')
        .map((job) => ({ id: job.id, fileName: job.file, createdAt: at(job.ageMs ?? 0) })),
      timestamp: at(0),
    }
  }

  /** Each shape reads one key only. */
  function meant(body: Record<string, unknown>): string[] {
    if (shape === 'runbook') return typeof body.jobId === 'string' ? [body.jobId] : []
    // As the real one: a reprocess that names none means all that failed.
    const { jobIds } = body
    return Array.isArray(jobIds)
      ? jobIds.map(String)
      : all().flatMap(({ id, status }) => (status === 'failed' ? [id] : []))
  }

  function order(action: string, body: Record<string, unknown>): { status: number; answer: unknown } {
    qc.beforeOrder?.()
    if (qc.unknownOrders.has(action)) return { status: 400, answer: { error: 'Invalid action' } }
    if (action === 'trigger_worker') return { status: 200, answer: { success: true, message: 'Worker triggered' } }
    const touched = action === 'cancel_stuck' ? stuck() : meant(body).flatMap((id) => qc.jobs.get(id) ?? [])
    for (const job of touched) {
      if (action === 'cancel_stuck') Object.assign(job, { status: 'failed', error: 'Cancelled - job was stuck' })
      else Object.assign(job, { status: 'queued', progress: 0, error: undefined, stillMs: 0, ageMs: 0 })
    }
    const n = touched.length
    return {
      status: 200,
      answer: { success: true, ...(action === 'cancel_stuck' ? { cancelled: n } : { retried: n }) },
    }
  }
  return qc
}

const words = ['queued', 'running', 'completed', 'failed'] as const

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
