// One element of a queue, read: protocol 2 and 1, any serializer, any garbage. Pure; never throws.
import type { Instant } from '../../../contract/failure.ts'
import { type Body, readBody, tooLarge } from './body.ts'
import { isJobTask, type JobPlace, jobOfArguments, jobOfReprs } from './job-of.ts'
import { isRecord, type Plain, pythonJson, tupleRepr } from './python-text.ts'

export interface ReadMessage {
  readonly id: string | null
  readonly tag: string | null
  readonly task: string | null
  readonly job: string | null
  /** As the sender printed them, at most 300 characters. */
  readonly args: string
  readonly retries: number | null
  readonly eta: Instant | null
  readonly expires: Instant | null
  /** As the message says, not the step of the list it lies in. */
  readonly priority: number
  readonly origin: string | null
  readonly redelivered: boolean
  /** Why the body cannot be read; null when it can. */
  readonly opaque: string | null
  readonly exchange: string
  readonly routingKey: string | null
  readonly bytes: number
  /**
   * Names the work: equal in two messages only if running both does the same work twice. Null where leaving one out
   * could lose something: no job, an eta, a retry, a redelivery, callbacks, a group, a body that cannot be read.
   */
  readonly work: string | null
}

/** Beyond this only the envelope is parsed. */
const LARGE = 256 * 1024
const SHOWN = 300

export function readMessage(raw: string, place: JobPlace): ReadMessage {
  const envelope = parseEnvelope(raw)
  if (envelope === null) return unreadable(raw, raw.length > LARGE ? tooLarge(raw.length) : 'not a Celery message')
  return readEnvelope(envelope, raw.length, place)
}

/** An element of the unacked hash holds the parsed envelope inside its own JSON. */
export function readEnvelope(envelope: Record<string, unknown>, bytes: number, place: JobPlace): ReadMessage {
  const headers = record(envelope.headers)
  const properties = record(envelope.properties)
  const delivery = record(properties.delivery_info)
  const body: Body =
    bytes > LARGE
      ? { opaque: tooLarge(bytes) }
      : readBody({
          body: envelope.body,
          encoding: properties.body_encoding,
          contentType: envelope['content-type'],
          compression: headers.compression,
        })
  const around = {
    tag: text(properties.delivery_tag),
    priority: number(properties.priority) ?? 0,
    origin: text(headers.origin),
    redelivered: headers.redelivered === true || delivery.redelivered === true,
    exchange: text(delivery.exchange) ?? '',
    routingKey: text(delivery.routing_key),
    bytes,
  }
  const call = typeof headers.task === 'string' ? version2(headers, body) : version1(body)
  if (call === null)
    return { ...nothing, ...around, opaque: 'opaque' in body ? body.opaque : 'not a task', args: shown(body) }
  const { task, args, kwargs, printed } = call
  const found =
    task === null || !isJobTask(place, task) ? null : args === null ? null : jobOfArguments(place, args, kwargs)
  const hinted = found === null && task !== null && isJobTask(place, task) && args === null && printed !== null
  const once = found !== null && call.plain && !around.redelivered
  return {
    ...around,
    id: call.id,
    task,
    job: found?.job ?? (hinted ? jobOfReprs(place, printed.args, printed.kwargs) : null),
    args: printed === null ? cut(argsOf(args ?? [], kwargs)) : cut(joined(printed.args, printed.kwargs)),
    retries: call.retries,
    eta: call.eta,
    expires: call.expires,
    opaque: call.opaque,
    work: once ? `${task}\0${found.job}\0${found.beside}` : null,
  }
}

interface Call {
  readonly id: string | null
  readonly task: string | null
  /** null: the body cannot be read. */
  readonly args: readonly Plain[] | null
  readonly kwargs: { readonly [name: string]: Plain }
  readonly printed: { args: string; kwargs: string } | null
  readonly retries: number | null
  readonly eta: Instant | null
  readonly expires: Instant | null
  readonly opaque: string | null
  /** Nothing hangs on this very message: no retry, eta, group, callback. */
  readonly plain: boolean
}

function version2(headers: Record<string, unknown>, body: Body): Call {
  const value = 'value' in body ? body.value : null
  const [args, kwargs, embed] = Array.isArray(value) && value.length === 3 ? value : []
  const readable = Array.isArray(args) && isRecord(kwargs)
  const calls = record(embed)
  const linked = ['callbacks', 'errbacks', 'chain', 'chord'].some((name) => hasContent(calls[name]))
  const argsrepr = text(headers.argsrepr)
  const retries = number(headers.retries)
  const eta = headers.eta ?? null
  return {
    id: text(headers.id),
    task: text(headers.task),
    args: readable ? args : null,
    kwargs: readable ? kwargs : {},
    printed: argsrepr === null ? null : { args: argsrepr, kwargs: text(headers.kwargsrepr) ?? '{}' },
    retries,
    eta: instant(eta),
    expires: instant(headers.expires),
    opaque: 'opaque' in body ? body.opaque : readable ? null : 'not the arguments of a task',
    plain: (retries ?? 0) === 0 && eta === null && !linked && !hasContent(headers.group),
  }
}

/** Protocol 1 has all in its body (protocol reference §2.5). */
function version1(body: Body): Call | null {
  if (!('value' in body) || !isRecord(body.value) || typeof body.value.task !== 'string') return null
  const call = body.value
  const { task, id, args, kwargs, retries, eta, expires } = call
  const linked = ['callbacks', 'errbacks', 'chord', 'taskset'].some((name) => hasContent(call[name]))
  return {
    id: text(id),
    task: text(task),
    args: Array.isArray(args) ? args : [],
    kwargs: isRecord(kwargs) ? kwargs : {},
    printed: null,
    retries: number(retries),
    eta: instant(eta),
    expires: instant(expires),
    opaque: null,
    plain: (number(retries) ?? 0) === 0 && (eta ?? null) === null && !linked,
  }
}

/** Null for anything but an object. A large body is cut out first: it is a base64 string, so it ends at the next quote. */
function parseEnvelope(raw: string): Record<string, unknown> | null {
  let json = raw
  if (raw.length > LARGE) {
    const body = /^\s*\{\s*"body":\s*"/.exec(raw.slice(0, 100))
    if (body === null) return null
    const end = raw.indexOf('"', body[0].length)
    json = body[0] + raw.slice(end === -1 ? raw.length : end)
    if (json.length > LARGE) return null
  }
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : null
  } catch (error) {
    // Not JSON: an element that Celery did not write is shown as it is.
    if (error instanceof SyntaxError || error instanceof RangeError) return null
    throw error
  }
}

const nothing = {
  id: null,
  task: null,
  job: null,
  retries: null,
  eta: null,
  expires: null,
  work: null,
} as const

function unreadable(raw: string, opaque: string): ReadMessage {
  const around = { tag: null, priority: 0, origin: null, redelivered: false, exchange: '', routingKey: null }
  return { ...nothing, ...around, opaque, args: cut(raw), bytes: raw.length }
}

function shown(body: Body): string {
  return 'value' in body ? cut(pythonJson(body.value)) : ''
}

function argsOf(args: readonly Plain[], kwargs: { readonly [name: string]: Plain }): string {
  return joined(tupleRepr(args), Object.keys(kwargs).length === 0 ? '{}' : pythonJson(kwargs))
}

function joined(args: string, kwargs: string): string {
  return kwargs === '{}' || kwargs === '' ? args : args === '()' ? kwargs : `${args} ${kwargs}`
}

function cut(long: string): string {
  return long.length <= SHOWN ? long : `${long.slice(0, SHOWN - 1)}…`
}

/** Dates come with an offset, with Z, or naive in UTC. */
function instant(value: unknown): Instant | null {
  if (typeof value !== 'string' || value.length > 40) return null
  const date = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`)
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9999 ? date.toISOString() : null
}

function record(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) ? value : null
}
function hasContent(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}
