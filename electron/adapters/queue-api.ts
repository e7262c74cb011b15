// The stack's own HTTP API as one more witness: its queue status, whatever shape it comes in.
import * as z from 'zod'
import { type Failure, FailureError } from '../contract/failure.ts'
import type { ApiStatus } from '../contract/service.ts'
import type { QueueApi } from '../core/ports.ts'
import { MASK, maskUrl } from './secrets.ts'

export interface QueueApiOptions {
  /** As given when it has a path; a bare host is asked at `/queue/status`. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token?: string
}

const TRIED = "Read the stack's API"
const PATH = '/queue/status'
/** A status is a handful of numbers; anything longer is something else. */
const MOST_BYTES = 1_000_000
const MOST_REDIRECTS = 3
const DEADLINE_MS = 8000

export function queueApi({ url, token }: QueueApiOptions): QueueApi {
  const address = addressOf(url)
  const on = maskUrl(url)
  return {
    async status(signal) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
      try {
        return readStatus(await fetchText(address, token, on, within), on)
      } catch (error) {
        if (error instanceof FailureError) throw error
        throw failed(within.aborted ? silent : unreachable(error), on, error)
      }
    },
  }
}

/** Where the status is, without the user and password of the URL, which go into a header. */
function addressOf(url: string): { href: string; basic: string | null } {
  if (!URL.canParse(url)) throw failed(tell('invalid', 'it is not a URL', 'Correct the address in the settings.'), MASK)
  const parsed = new URL(url)
  if (parsed.pathname === '/' && parsed.search === '') parsed.pathname = PATH
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  const basic =
    username === '' && password === ''
      ? null
      : Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { href: parsed.href, basic }
}

async function fetchText(
  { href, basic }: { href: string; basic: string | null },
  token: string | undefined,
  on: string,
  signal: AbortSignal,
): Promise<string> {
  const authorization = token !== undefined ? `Bearer ${token}` : basic === null ? null : `Basic ${basic}`
  const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) }
  let next = href
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(next, { headers, redirect: 'manual', signal })
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (location === null) return bodyOf(response, on, signal)
    await response.body?.cancel()
    const to = URL.canParse(location, next) ? new URL(location, next) : null
    // A token is for the host it was given for, and another host's numbers are not this stack's.
    if (to === null || to.origin !== new URL(href).origin)
      throw failed(tell('refused', `it sends on to ${to?.origin ?? 'nowhere'}, which is not followed`, ADDRESS), on)
    next = to.href
  }
  throw failed(tell('refused', 'it sends on in a circle', ADDRESS), on)
}

async function bodyOf(response: Response, on: string, signal: AbortSignal): Promise<string> {
  const refused = refusalOf(response.status)
  if (refused !== null) {
    await response.body?.cancel()
    throw failed(refused, on)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    signal.throwIfAborted()
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw failed(tell('invalid', 'it answers with more than 1 MB', ADDRESS), on)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (/^\s*</.test(text))
    throw failed(tell('invalid', 'it answers with a web page where a queue status should be', ADDRESS), on)
  return text
}

const names = {
  queued: ['queued', 'pending', 'waiting'],
  running: ['processing', 'running', 'in_progress'],
  done: ['done', 'completed'],
  failed: ['failed'],
} as const

const Numbers = z.record(z.string(), z.unknown())
type Numbers = Record<string, unknown>
const Count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0))

/** Numbers at the top, or under one key of it (`{"queue": {"queued": 20, …}}`). */
function readStatus(text: string, on: string): ApiStatus {
  const top = Numbers.safeParse(parsed(text, on)).data
  const candidates =
    top === undefined
      ? []
      : [
          top,
          ...Object.values(top).flatMap((one) => {
            const { data } = Numbers.safeParse(one)
            return data === undefined ? [] : [data]
          }),
        ]
  for (const candidate of candidates) {
    const status = statusOf(candidate)
    if (status !== null) return status
  }
  throw failed(tell('invalid', 'its answer names no number of queued, processing, done or failed jobs', ADDRESS), on)
}

function statusOf(numbers: Numbers): ApiStatus | null {
  const find = (state: keyof typeof names): number | null => {
    const key = names[state].find((name) => Count.safeParse(numbers[name]).success)
    return key === undefined ? null : (Count.safeParse(numbers[key]).data ?? null)
  }
  const status = { queued: find('queued'), running: find('running'), done: find('done'), failed: find('failed') }
  return Object.values(status).every((value) => value === null) ? null : status
}

function parsed(text: string, on: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // The parser's message quotes what it read; that is somebody else's text.
    throw failed(tell('invalid', text === '' ? 'its answer is empty' : 'its answer is not (whole) JSON', ADDRESS), on)
  }
}

type Told = Pick<Failure, 'kind' | 'because' | 'remedy'>
const tell = (kind: Failure['kind'], because: string, remedy: string | null): Told => ({ kind, because, remedy })
const ADDRESS = 'Correct its address in the settings.'
const silent = tell('timeout', 'it did not answer in time', 'It is tried again by itself.')

function refusalOf(status: number): Told | null {
  if (status >= 200 && status < 300) return null
  if (status === 401) return tell('refused', 'it wants to know who asks (401)', 'Give its token in the settings.')
  if (status === 403) return tell('refused', 'this token or user may not read it (403)', 'Correct it in the settings.')
  if (status === 404) return tell('missing', 'there is nothing at that path (404)', ADDRESS)
  if (status === 429) return tell('busy', 'it is asked too often (429)', 'It is tried again by itself.')
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
  const because = network[String(code)]
  if (because !== undefined)
    return tell('unreachable', because, 'Start the API, or correct its address in the settings.')
  if (typeof code === 'string' && /CERT|TLS|SSL/i.test(code))
    return tell(
      'refused',
      `its certificate is not accepted (${code})`,
      'Correct its certificate, or use its http address.',
    )
  return tell(
    'unreachable',
    'the connection was cut or is not HTTP',
    'Start the API, or correct its address in the settings.',
  )
}

function failed(told: Told, on: string, cause?: unknown): FailureError {
  return new FailureError({ tried: TRIED, on, ...told }, { cause })
}
