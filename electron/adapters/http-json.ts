// One question to an HTTP API that answers in JSON: same host only, bounded, and one sentence for everything else.
import { type Failure, FailureError, RETRIED } from '../contract/failure.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'
import { MASK } from '../contract/secrets/mask.ts'

export interface Question {
  /** As a clause: "Read the stack's API". */
  readonly tried: string
  /** The address as a person may see it. */
  readonly on: string
  readonly href: string
  readonly authorization: string | null
  /** What the answer should be: "a queue status". */
  readonly wanted: string
  /** Sent as JSON by POST; absent is a GET. An order is sent once and nowhere else: its redirects are not followed. */
  readonly order?: unknown
  /** Whether an answer of 5xx is the wanted one all the same: a health report often comes with 503 when one part is ill. */
  readonly evenIll?: (json: unknown) => boolean
}

export interface Answer {
  readonly json: unknown
  /** The server's clock, by its `Date` header; ages of its times are counted by it, not by ours. */
  readonly serverMs: number | null
}

/** Statuses by which a server says that it has no such path, or does not know the order: then another way may work. */
export class NotThere extends FailureError {}

const MOST_BYTES = 1_000_000
const MOST_REDIRECTS = 3
const ADDRESS = 'Correct its address in the settings.'
const LATER = RETRIED

/** An address without its user and password, which go into a header. */
export function addressOf(url: string, tried: string): { href: string; basic: string | null } {
  const whole = encodeUserinfo(url)
  if (!URL.canParse(whole)) throw failed({ tried, on: MASK }, tell('invalid', 'it is not a URL', ADDRESS))
  const parsed = new URL(whole)
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  const user = `${decoded(username)}:${decoded(password)}`
  return { href: parsed.href, basic: user === ':' ? null : `Basic ${Buffer.from(user).toString('base64')}` }
}

/** A stray % is a character of the password, not an error. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => Buffer.from(escaped.replaceAll('%', ''), 'hex').toString())
}

export async function askJson(question: Question, deadlineMs: number, signal: AbortSignal): Promise<Answer> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  try {
    const response = await send(question, within)
    const serverMs = Date.parse(response.headers.get('date') ?? '')
    const text = await bodyOf(response, question, within)
    return { json: parsed(text, question), serverMs: Number.isNaN(serverMs) ? null : serverMs }
  } catch (error) {
    if (error instanceof FailureError) throw error
    throw failed(question, within.aborted ? silent(question) : unreachable(error), error)
  }
}

async function send(question: Question, signal: AbortSignal): Promise<Response> {
  const { href, authorization, order } = question
  const asks = order === undefined
  const headers = {
    accept: 'application/json',
    ...(authorization === null ? {} : { authorization }),
    ...(asks ? {} : { 'content-type': 'application/json' }),
  }
  const what = asks ? {} : { method: 'POST', body: JSON.stringify(order) }
  let next = href
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(next, { headers, redirect: 'manual', signal, ...what })
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (location === null) return response
    await response.body?.cancel()
    const to = URL.canParse(location, next) ? new URL(location, next) : null
    // A token is for the host it was given for, and another host's numbers are not this system's.
    if (!asks || to === null || to.origin !== new URL(href).origin)
      throw failed(
        question,
        tell('refused', `it sends on to ${to?.origin ?? 'nowhere'}, which is not followed`, ADDRESS),
      )
    next = to.href
  }
  throw failed(question, tell('refused', 'it sends on in a circle', ADDRESS))
}

async function bodyOf(response: Response, question: Question, signal: AbortSignal): Promise<string> {
  const refused = refusalOf(response.status, question)
  if (refused !== null) {
    const report =
      response.status >= 500 && question.evenIll !== undefined ? await read(response, question, signal) : ''
    if (question.evenIll?.(jsonOr(report, null)) === true) return report
    await response.body?.cancel()
    throw failed(question, refused, undefined, [400, 404, 405, 422, 501].includes(response.status))
  }
  const text = await read(response, question, signal)
  if (/^\s*</.test(text))
    throw failed(question, tell('invalid', `it answers with a web page where ${question.wanted} should be`, ADDRESS))
  return text
}

async function read(response: Response, question: Question, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    signal.throwIfAborted()
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw failed(question, tell('invalid', 'it answers with more than 1 MB', ADDRESS))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string, question: Question): unknown {
  const json = jsonOr(text, NO_JSON)
  if (json !== NO_JSON) return json
  // The parser's message quotes what it read; that is somebody else's text.
  const because = text === '' ? 'its answer is empty' : 'its answer is not (whole) JSON'
  throw failed(question, tell('invalid', because, ADDRESS))
}

const NO_JSON = Symbol('no JSON')

function jsonOr<T>(text: string, otherwise: T): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return otherwise
    throw error
  }
}

type Told = Pick<Failure, 'kind' | 'because' | 'remedy'>
const tell = (kind: Failure['kind'], because: string, remedy: string | null): Told => ({ kind, because, remedy })

/** An order without an answer may have been carried out all the same. */
function silent({ order }: Question): Told {
  if (order === undefined) return tell('timeout', 'it did not answer in time', LATER)
  return tell(
    'timeout',
    'it did not answer in time, so whether it was carried out is not known',
    'Look at the jobs before it is tried again.',
  )
}

function refusalOf(status: number, { order, authorization }: Question): Told | null {
  if (status >= 200 && status < 300) return null
  const may = order === undefined ? 'read it' : 'order that'
  if (status === 401)
    return authorization === null
      ? tell('refused', 'it wants to know who asks (401)', 'Give its token in the settings.')
      : tell('refused', 'it does not accept this token or user (401)', 'Correct it in the settings.')
  if (status === 403) return tell('refused', `this token or user may not ${may} (403)`, 'Correct it in the settings.')
  if (status === 404) return tell('missing', 'there is nothing at that path (404)', ADDRESS)
  if (status === 429) return tell('busy', 'it is asked too often (429)', order === undefined ? LATER : 'Try it later.')
  if (status >= 500) return tell('unreachable', `it has trouble of its own (${status})`, 'Look at the log of the API.')
  return tell('invalid', `it answers with status ${status}`, ADDRESS)
}

const network: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ENOTFOUND: 'its host name is not known to this machine',
  EAI_AGAIN: 'its host name is not known to this machine',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it did not answer',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
}

/** `fetch` says "fetch failed" and keeps the reason in `cause`. */
function unreachable(error: unknown): Told {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined
  const start = 'Start the API, or correct its address in the settings.'
  const because = network[String(code)]
  if (because !== undefined) return tell('unreachable', because, start)
  if (typeof code === 'string' && /CERT|TLS|SSL/i.test(code))
    return tell(
      'refused',
      `its certificate is not accepted (${code})`,
      'Correct its certificate, or use its http address.',
    )
  return tell('unreachable', 'the connection was cut or is not HTTP', start)
}

/** The sentence, wherever in an answer the fault was found. */
export function notWanted(question: Pick<Question, 'tried' | 'on'>, because: string): FailureError {
  return failed(question, tell('invalid', because, ADDRESS))
}

function failed({ tried, on }: Pick<Question, 'tried' | 'on'>, told: Told, cause?: unknown, absent = false) {
  return new (absent ? NotThere : FailureError)({ tried, on, ...told }, { cause })
}
