// The stack's own HTTP API as one more witness: its queue status, whatever shape it comes in.
import * as z from 'zod'
import { maskUrl } from '../contract/secrets/url-display.ts'
import type { ApiStatus } from '../contract/service.ts'
import type { QueueApi } from '../core/ports/stack.ts'
import { addressOf, askJson, notWanted, type Question } from './http-json.ts'

export interface QueueApiOptions {
  /** As given when it has a path; a bare host is asked at `/queue/status`. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token?: string
}

const TRIED = "Read the stack's API"
const PATH = '/queue/status'
const DEADLINE_MS = 8000

export function queueApi({ url, token }: QueueApiOptions): QueueApi {
  const { href, basic } = addressOf(url, TRIED)
  const at = new URL(href)
  if (at.pathname === '/' && at.search === '') at.pathname = PATH
  const question: Question = {
    tried: TRIED,
    on: maskUrl(url),
    href: at.href,
    authorization: token === undefined ? basic : `Bearer ${token}`,
    wanted: 'a queue status',
  }
  return {
    async status(signal) {
      const { json } = await askJson(question, DEADLINE_MS, signal)
      return readStatus(json, question)
    },
  }
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
function readStatus(json: unknown, question: Question): ApiStatus {
  const top = Numbers.safeParse(json).data
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
  throw notWanted(question, 'its answer names no number of queued, processing, done or failed jobs')
}

function statusOf(numbers: Numbers): ApiStatus | null {
  const find = (state: keyof typeof names): number | null => {
    const key = names[state].find((name) => Count.safeParse(numbers[name]).success)
    return key === undefined ? null : (Count.safeParse(numbers[key]).data ?? null)
  }
  const status = { queued: find('queued'), running: find('running'), done: find('done'), failed: find('failed') }
  return Object.values(status).every((value) => value === null) ? null : status
}
