// Control messages as workers accept them: a closed list of commands, checked once more as the text that would leave.
import { buildMessage } from '../message/build-task.ts'
import type { Plain } from '../message/python-text.ts'
import { CONTROLLER, replyAddress } from '../redis/keys.ts'

/** Asks and changes nothing. */
export type Question =
  | { method: 'ping' | 'stats' | 'active' | 'reserved' | 'scheduled' | 'active_queues' | 'registered' | 'conf' }
  /** Each task with when it is acknowledged: `name [acks_late=True]`. */
  | { method: 'registered'; about: 'acks_late' }

/** Changes a worker; must name its workers. */
export type Order =
  | { method: 'revoke'; ids: readonly string[]; terminate: boolean; signal: 'SIGTERM' | 'SIGKILL' }
  | { method: 'pool_grow' | 'pool_shrink'; n: number }
  | { method: 'add_consumer' | 'cancel_consumer'; queue: string }

export type Command = Question | Order

/** Where the replies go, and what makes this message one of its kind. */
export interface RequestEnvelope {
  readonly exchange: string
  /** The list that workers push their replies to, without the key prefix. */
  readonly replyAddress: string
  readonly ticket: string
  readonly tag: string
  /** Lamport clock, a number: a text in its place hangs a worker. */
  readonly clock: number
  /** Unix seconds. */
  readonly expires: number
}

/** The message as text; `destination` null asks everybody. Not yet checked: `faultOf` is. */
export function encodeRequest(command: Command, destination: readonly string[] | null, head: RequestEnvelope): string {
  const body = {
    method: command.method,
    arguments: argumentsOf(command),
    destination,
    pattern: null,
    matcher: null,
    ticket: head.ticket,
    // The default exchange: the reply goes straight to the list of that name. Through `reply.celery.pidbox` a worker
    // would look it up in a set, where a member in another separator than the app's stops the replies of all workers.
    reply_to: { exchange: '', routing_key: head.replyAddress },
  }
  return buildMessage(body, {
    headers: { clock: head.clock, expires: head.expires },
    properties: {},
    exchange: head.exchange,
    routingKey: '',
    priority: 0,
    tag: head.tag,
  })
}

function argumentsOf(command: Command): { readonly [name: string]: Plain } {
  switch (command.method) {
    case 'active':
      // Without `safe` one running task with unusual arguments hangs the worker while it replies (protocol §0.1).
      return { safe: true }
    case 'registered':
      return 'about' in command ? { taskinfoitems: [command.about] } : {}
    case 'revoke':
      return command.terminate
        ? { task_id: [...command.ids], terminate: true, signal: command.signal }
        : { task_id: [...command.ids], terminate: false }
    case 'pool_grow':
    case 'pool_shrink':
      return { n: command.n }
    case 'add_consumer':
    case 'cancel_consumer':
      return { queue: command.queue }
    default:
      return {}
  }
}

const questions: ReadonlySet<unknown> = new Set<Question['method']>([
  'ping',
  'stats',
  'active',
  'reserved',
  'scheduled',
  'active_queues',
  'registered',
  'conf',
])
const MOST_PROCESSES = 1000

/**
 * Why a text must not be published on a control channel; null when every worker survives it. One malformed control
 * message hangs or ends the whole fleet (protocol §3.6), so the text itself is read again, not what it was made from.
 */
export function faultOf(text: string): string | null {
  const envelope = parsed(text)
  if (!isObject(envelope)) return 'it is not a JSON object'
  const { headers, properties } = envelope
  if (envelope['content-type'] !== 'application/json') return 'its content type is not application/json'
  if (envelope['content-encoding'] !== 'utf-8') return 'its encoding is not utf-8'
  if (!isObject(headers)) return 'it has no headers'
  if (!isNumber(headers.clock) || !isNumber(headers.expires)) return 'its clock or its expiry is not a number'
  if (!isObject(properties)) return 'it has no properties'
  if (!isWord(properties.delivery_tag)) return 'it has no delivery tag'
  if (properties.body_encoding !== 'base64') return 'its body is not marked as base64'
  const info = properties.delivery_info
  if (!isObject(info) || !isWord(info.exchange) || info.routing_key !== '') return 'its delivery info is wrong'
  return typeof envelope.body === 'string' ? faultOfBody(envelope.body) : 'its body is not a text'
}

function faultOfBody(base64: string): string | null {
  const bytes = Buffer.from(base64, 'base64')
  if (base64 === '' || bytes.toString('base64') !== base64) return 'its body is not base64'
  const body = parsed(bytes.toString('utf8'))
  if (!isObject(body)) return 'its body is not a JSON object'
  const { destination, reply_to: reply } = body
  if (body.pattern !== null || body.matcher !== null) return 'it names workers by a pattern'
  if (destination !== null && !isWords(destination)) return 'its destination is not a list of worker names'
  if (!isWord(body.ticket)) return 'it has no ticket'
  if (!isObject(reply) || reply.exchange !== '' || !isReplyList(reply.routing_key)) return 'its reply address is wrong'
  if (!isObject(body.arguments)) return 'its arguments are not an object'
  if (questions.has(body.method)) return fits(body.arguments, argumentsOfQuestion(body.method, body.arguments))
  return destination === null
    ? 'a command that changes workers must name them'
    : faultOfOrder(body.method, body.arguments)
}

function argumentsOfQuestion(
  method: unknown,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, (value: unknown) => boolean>> {
  if (method === 'active') return { safe: isTrue }
  return method === 'registered' && 'taskinfoitems' in given
    ? { taskinfoitems: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'acks_late' }
    : {}
}

function faultOfOrder(method: unknown, given: Readonly<Record<string, unknown>>): string | null {
  switch (method) {
    case 'revoke':
      return given.terminate === true
        ? fits(given, { task_id: isWords, terminate: isTrue, signal: (s) => s === 'SIGTERM' || s === 'SIGKILL' })
        : fits(given, { task_id: isWords, terminate: (value) => value === false })
    case 'pool_grow':
    case 'pool_shrink':
      return fits(given, { n: (n) => Number.isInteger(n) && Number(n) >= 1 && Number(n) <= MOST_PROCESSES })
    case 'add_consumer':
    case 'cancel_consumer':
      return fits(given, { queue: isWord })
    default:
      return 'it is no command that Unjam knows'
  }
}

/** Exactly these arguments: a worker mostly ignores names it does not know, and does the rest. */
function fits(
  given: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, (value: unknown) => boolean>>,
): string | null {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(wanted, name))
  if (unknown !== undefined) return `it has an argument ${unknown}`
  const wrong = Object.entries(wanted).find(([name, ok]) => !ok(given[name]))
  return wrong === undefined ? null : `its argument ${wrong[0]} is wrong`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name as Redis, Python and a log take it: not empty, no control characters, no half of a surrogate pair. */
function isWord(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 255 &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  )
}

/** Anything else could be a queue, and a reply in a queue ends the worker that takes it (protocol §2.6). */
function isReplyList(value: unknown): boolean {
  return isWord(value) && value.startsWith(CONTROLLER) && value.endsWith(replyAddress(''))
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.length <= 10_000 && value.every(isWord)
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTrue(value: unknown): boolean {
  return value === true
}
