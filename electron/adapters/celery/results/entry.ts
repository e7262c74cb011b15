// One result as Celery keeps it (celery-task-meta-ID), read as far as it can be: JSON, cut JSON, pickle, compressed.
import * as z from 'zod'
import type { TaskResult } from '../../../contract/task.ts'
import { isRecord, type Plain, parsePythonJson, pythonJson } from '../message/python-text.ts'

/** What a result says about one task; ages and the job's source are the book's business. */
export interface ResultEntry {
  readonly id: string
  readonly outcome: TaskResult['outcome']
  readonly task: string | null
  /** Arguments of an extended result: values, or the sender's repr of them. */
  readonly args: unknown
  readonly kwargs: unknown
  readonly exception: string | null
  readonly message: string | null
  readonly traceback: string | null
  /** By the worker's clock, ms since 1970. */
  readonly endedMs: number | null
  readonly worker: string | null
  readonly retries: number | null
}

const outcomes: Readonly<Record<string, TaskResult['outcome']>> = {
  PENDING: 'running',
  RECEIVED: 'running',
  STARTED: 'running',
  RETRY: 'retried',
  SUCCESS: 'done',
  FAILURE: 'failed',
  REVOKED: 'cancelled',
}
/** A traceback's end names the cause; its beginning is Celery's own frames. */
const TRACEBACK = 2000
const MESSAGE = 500

const Meta = z.object({
  status: z.string(),
  result: z.unknown().optional(),
  traceback: z.string().nullish().catch(null),
  date_done: z.string().nullish().catch(null),
  name: z.string().nullish().catch(null),
  args: z.unknown().optional(),
  kwargs: z.unknown().optional(),
  worker: z.string().nullish().catch(null),
  retries: z.number().nullish().catch(null),
})

/** null for what is no result of a task, or tells nothing. */
export function readResult(id: string, bytes: Buffer): ResultEntry | null {
  const text = bytes.toString('utf8')
  const meta = Meta.safeParse(parsed(text))
  return meta.success ? fromMeta(id, meta.data) : fromPieces(id, text)
}

function fromMeta(id: string, meta: z.infer<typeof Meta>): ResultEntry | null {
  const outcome = outcomes[meta.status]
  // An app may have states of its own; they end in one of Celery's.
  if (outcome === undefined) return { ...nothing(id), outcome: 'running' }
  const result = isRecord(meta.result) ? meta.result : {}
  const told = outcome === 'failed' || outcome === 'retried' || outcome === 'cancelled'
  return {
    id,
    outcome,
    task: meta.name ?? null,
    args: meta.args ?? null,
    kwargs: meta.kwargs ?? null,
    exception: told && typeof result.exc_type === 'string' ? result.exc_type : null,
    message: told ? cut(messageOf(result.exc_message), MESSAGE) : null,
    traceback: told ? tail(meta.traceback ?? null) : null,
    endedMs: instantOf(meta.date_done ?? null),
    worker: meta.worker ?? (typeof result.hostname === 'string' ? result.hostname : null),
    retries: meta.retries ?? null,
  }
}

/** Of a pickle, or of JSON that was cut because it is huge: the status, and the exception where it can be seen. */
function fromPieces(id: string, text: string): ResultEntry | null {
  const status = /\bstatus\b[^A-Z]{1,12}(PENDING|RECEIVED|STARTED|RETRY|SUCCESS|FAILURE|REVOKED)/s.exec(text)?.[1]
  const outcome = status === undefined ? undefined : outcomes[status]
  if (outcome === undefined) return null
  const exception = /"exc_type"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1] ?? null
  const message = /"exc_message"\s*:\s*\[\s*"((?:[^"\\]|\\.){0,500})/s.exec(text)?.[1]
  const done = /"date_done"\s*:\s*"([^"]{10,40})"/.exec(text)?.[1] ?? null
  return { ...nothing(id), outcome, exception, message: message ?? null, endedMs: instantOf(done) }
}

function nothing(id: string): Omit<ResultEntry, 'outcome'> {
  return {
    id,
    task: null,
    args: null,
    kwargs: null,
    exception: null,
    message: null,
    traceback: null,
    endedMs: null,
    worker: null,
    retries: null,
  }
}

function parsed(text: string): unknown {
  try {
    return parsePythonJson(text)
  } catch {
    return undefined
  }
}

/** Arguments of the exception: usually one text, `[1800]` for a time limit, nothing for a soft one. */
function messageOf(value: Plain | undefined): string | null {
  if (value === null || value === undefined) return null
  const parts: readonly Plain[] = Array.isArray(value) ? value : [value]
  return parts.length === 0 ? null : parts.map((one) => (typeof one === 'string' ? one : pythonJson(one))).join(', ')
}

/** `2026-11-22T01:17:19.492336` is UTC without saying so on Celery 5.2; newer ones write +00:00. */
function instantOf(text: string | null): number | null {
  if (text === null) return null
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`
  const ms = Date.parse(zoned)
  return Number.isNaN(ms) ? null : ms
}

function cut(text: string | null, most: number): string | null {
  return text === null || text.length <= most ? text : `${text.slice(0, most)}…`
}

function tail(text: string | null): string | null {
  return text === null || text.length <= TRACEBACK ? text : `…${text.slice(-TRACEBACK)}`
}
