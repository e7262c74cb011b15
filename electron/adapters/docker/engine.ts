// A Docker engine: one connection setting, the API version agreed with it, and every call with a deadline and in words.
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'
import { type Machine, type Resolved, resolveEndpoint, thisMachine } from './endpoint.ts'
import { createClient } from './engine-client.ts'
import { engineFailure, notDocker } from './engine-failure.ts'

/** Newest API whose answers were read for this adapter, and the oldest (Docker 19.03, 2019). */
const NEWEST = '1.51'
const OLDEST = '1.40'
const CALL_MS = 15_000

export interface EngineFacts {
  readonly version: string
  readonly apiVersion: string
  readonly os: string
}

export interface Call {
  /** As a clause: "List the containers". */
  readonly tried: string
  readonly signal: AbortSignal
  /** Longest it may take; 15 s unless it says so. A stream is bounded by its signal only (`null`). */
  readonly ms?: number | null
}

export interface Engine {
  facts(signal: AbortSignal): Promise<EngineFacts & { endpoint: Resolved }>
  /** Calls the engine; what it throws are FailureErrors. The signal belongs into every dockerode option (`abortSignal`). */
  ask<T>(call: Call, work: (docker: Docker, signal: AbortSignal) => Promise<T>): Promise<T>
  /** Agrees on the version again at the next call: the engine may have been replaced while it was away. */
  forget(): void
}

/** @param setting see resolveEndpoint. Nothing is opened before the first call. */
export function createEngine(setting: string | null, machine = thisMachine()): Engine {
  let agreed: Promise<{ docker: Docker; facts: EngineFacts & { endpoint: Resolved } }> | null = null

  async function agree(signal: AbortSignal) {
    const endpoint = await resolveEndpoint(setting, machine)
    const facts = await negotiate(endpoint, machine, signal)
    return { docker: createClient(endpoint.endpoint, machine, `v${facts.apiVersion}`), facts: { ...facts, endpoint } }
  }

  /** One negotiation for all who wait; a failed one is not kept, and nobody's abort fails the others. */
  function connection(signal: AbortSignal) {
    const mine = agreed ?? agree(AbortSignal.timeout(CALL_MS))
    agreed = mine
    mine.catch(() => {
      if (agreed === mine) agreed = null
    })
    return abortable(mine, signal).catch((error: unknown) => {
      throw engineFailure(error, 'Talk to the Docker engine', setting ?? 'Docker')
    })
  }

  return {
    forget() {
      agreed = null
    },
    async facts(signal) {
      return (await connection(signal)).facts
    },
    async ask({ tried, signal, ms = CALL_MS }, work) {
      const { docker, facts } = await connection(signal)
      const { url, from } = facts.endpoint
      const bounded = ms === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(ms)])
      try {
        // Not every dockerode call takes a signal; none may hang all the same.
        return await abortable(work(docker, bounded), bounded)
      } catch (error) {
        if (signal.aborted)
          throw signal.reason instanceof FailureError ? signal.reason : engineFailure(error, tried, url)
        const failure = engineFailure(error, tried, url, from)
        if (failure.failure.kind === 'unreachable') agreed = null
        throw failure
      }
    },
  }
}

const Version = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string().regex(/^\d+\.\d+$/),
  MinAPIVersion: z
    .string()
    .regex(/^\d+\.\d+$/)
    .default('1.12'),
  Os: z.string().default('linux'),
})

/** `GET /version` without a version in the path is the one call that every engine answers. */
async function negotiate(resolved: Resolved, machine: Machine, signal: AbortSignal): Promise<EngineFacts> {
  const { url, from } = resolved
  const fail = (kind: 'unsupported' | 'invalid', because: string, remedy: string | null) =>
    new FailureError({ kind, tried: 'Talk to the Docker engine', on: url, because, remedy })
  const answer = await askVersion(createClient(resolved.endpoint, machine, undefined), signal).catch(
    (error: unknown) => {
      throw notOne(error) ?? engineFailure(error, 'Talk to the Docker engine', url, from)
    },
  )
  const { data } = Version.safeParse(answer)
  if (data === undefined) throw otherwise('its answer names no API version')
  if (before(data.ApiVersion, OLDEST))
    throw fail(
      'unsupported',
      `Docker ${data.Version} speaks API ${data.ApiVersion}, and Unjam needs ${OLDEST} (Docker 19.03) or newer`,
      'Update Docker on that machine.',
    )
  if (before(NEWEST, data.MinAPIVersion))
    throw fail(
      'unsupported',
      `Docker ${data.Version} speaks no API older than ${data.MinAPIVersion}, and this Unjam knows up to ${NEWEST}`,
      'Update Unjam; on the engine, "min-api-version" in daemon.json would let it in.',
    )
  return {
    version: data.Version,
    apiVersion: before(data.ApiVersion, NEWEST) ? data.ApiVersion : NEWEST,
    os: data.Os,
  }

  function otherwise(because: string): FailureError {
    return new FailureError({ tried: 'Talk to the Docker engine', on: url, ...notDocker(because) })
  }
  /** Any HTTP error to this question comes from something else. */
  function notOne(error: unknown): FailureError | null {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : null
    return status === null || String(error).includes('HTTPS server')
      ? null
      : otherwise(`it answers ${status} to /version`)
  }
}

/** dockerode's own `version()` cannot be aborted. */
function askVersion(docker: Docker, abortSignal: AbortSignal): Promise<unknown> {
  const request = { path: '/version', method: 'GET', options: {}, abortSignal, statusCodes: { 200: true } }
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: unknown, answer: unknown) => (error === null ? resolve(answer) : reject(error)))
  })
}

/** A GET whose answer is read as it comes; dockerode would wait for the end of a log before it shows the first line. */
export function openStream(
  docker: Docker,
  path: string,
  abortSignal: AbortSignal,
  query: Readonly<Record<string, string | number | boolean | object>>,
): Promise<AsyncIterable<Buffer>> {
  const statusCodes = { 200: true }
  const request = { path: `${path}?`, method: 'GET', options: query, abortSignal, isStream: true, statusCodes }
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error, answer) => {
      if (answer instanceof Readable) resolve(answer)
      else reject(error ?? new Error('the engine sent no stream'))
    })
  })
}

/** `1.9` is before `1.41`. */
export function before(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number)
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number)
  return aMajor === bMajor ? aMinor < bMinor : aMajor < bMajor
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
