// The QC service over HTTP: two questions, each asked once for everybody who wants to know, and its orders.
import { FailureError } from '../../contract/failure.ts'
import { maskUrl } from '../../contract/secrets/url-display.ts'
import { addressOf, askJson, NotThere, notWanted, type Question } from '../http-json.ts'
import { fieldsOf, pick, text } from './answer.ts'
import { kept } from './kept.ts'
import { type Debug, readDebug } from './read-debug.ts'
import { type Health, readHealth } from './read-health.ts'

export interface QcApiOptions {
  readonly url: string
  readonly token: string
}

/** An answer with the moment it was given, by our clock and by the service's. */
export interface Told<T> {
  readonly value: T
  readonly readMs: number
  readonly serverMs: number
}

export interface QcApi {
  readonly on: string
  health(signal: AbortSignal): Promise<Told<Health>>
  debug(signal: AbortSignal): Promise<Told<Debug>>
  /** Forgets what was read: the next question is asked anew. */
  forget(): void
  order(path: Path, body: Readonly<Record<string, unknown>>, tried: string, signal: AbortSignal): Promise<unknown>
}

export type Path = 'debug' | 'reprocess'

const paths = { health: 'api/health/full', debug: 'api/qc/debug', reprocess: 'api/qc/reprocess' } as const
/** A health check asks the service's own dependencies in turn. */
const HEALTH_MS = 25_000
const DEBUG_MS = 8000
const ORDER_MS = 60_000
/** Counts, running jobs and pages come from one answer; nobody's server is asked more often than this. */
const KEEP_DEBUG_MS = 2000
const KEEP_HEALTH_MS = 10_000
const KEEP_REFUSAL_MS = 15_000

export function qcApi({ url, token }: QcApiOptions): QcApi {
  const { href } = addressOf(url, 'Read the QC service')
  const on = maskUrl(url)
  const question = (path: string, tried: string, wanted: string): Question => ({
    ...{ tried, on, wanted },
    href: new URL(path, href.endsWith('/') ? href : `${href}/`).href,
    authorization: `Bearer ${token}`,
  })
  const ask = async <T>(asked: Question, ms: number, read: (json: unknown) => T | null, missing: string) => {
    const { json, serverMs } = await askJson(asked, ms, AbortSignal.timeout(ms + 1000))
    const value = read(json)
    if (value === null) throw notWanted(asked, missing)
    const readMs = Date.now()
    return { value, readMs, serverMs: serverMs ?? readMs }
  }
  const health = kept(
    () =>
      ask(
        {
          ...question(paths.health, 'Read the health of the QC service', 'a health report'),
          evenIll: (json) => readHealth(json) !== null,
        },
        HEALTH_MS,
        readHealth,
        'its answer names no service and its status',
      ),
    keepFor(KEEP_HEALTH_MS),
  )
  const debug = kept(
    () =>
      ask(
        question(paths.debug, 'Read the QC jobs', 'the jobs'),
        DEBUG_MS,
        readDebug,
        'its answer has neither a number nor a list of jobs',
      ),
    keepFor(KEEP_DEBUG_MS),
  )
  return {
    on,
    health: health.get,
    debug: debug.get,
    forget() {
      health.forget()
      debug.forget()
    },
    async order(path, body, tried, signal) {
      const asked = { ...question(paths[path], tried, 'its word on an order'), order: body }
      try {
        const { json } = await askJson(asked, ORDER_MS, signal)
        refuseNo(json, asked, token)
        return json
      } finally {
        debug.forget()
        health.forget()
      }
    },
  }
}

/** A server that says "too often" is left alone for longer. */
function keepFor(ms: number): (error: unknown) => number {
  return (error) =>
    error instanceof FailureError && error.failure.kind === 'busy' ? KEEP_REFUSAL_MS : error === null ? ms : ms / 2
}

const MOST = 200

/** `{"success": false, "message": …}` with status 200 is a no, and its own words are the reason. */
function refuseNo(json: unknown, { tried, on }: Question, token: string): void {
  const fields = fieldsOf(json)
  if (fields === null || (fields.success !== false && fields.ok !== false)) return
  const said = [text(pick(fields, 'message')), text(pick(fields, 'error', 'reason'))].filter((one) => one !== null)
  const because = said.join('; ').replaceAll(token, '••••••').slice(0, MOST).replace(/\.$/, '')
  throw new NotThere({
    kind: 'refused',
    tried,
    on,
    because: because === '' ? 'it says no, and not why' : `it says no: ${because}`,
    remedy: null,
  })
}
