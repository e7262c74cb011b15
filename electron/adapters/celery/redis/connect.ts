// One Redis database as Unjam reaches it: connected when asked, again after any outage, every command with an end.
import { Redis, type RedisOptions } from 'ioredis'
import { outOfTime, toFailureError } from './failures.ts'
import { guardReplies } from './guard-replies.ts'
import { createKeys, type Keys } from './keys.ts'
import type { RedisAddress } from './url.ts'

export type { Redis } from 'ioredis'

export interface RedisSource {
  /** The URL without its password. */
  readonly on: string
  readonly db: number
  readonly keys: Keys
  /**
   * Does `work` on the shared connection, for commands that do not block. Ends with the signal, whatever Redis does;
   * whatever it throws is a FailureError saying that `tried` did not work. Nothing is ever sent twice.
   */
  run<T>(tried: string, signal: AbortSignal, work: (redis: Redis) => Promise<T>): Promise<T>
  /**
   * A connection for blocking commands or subscriptions. It connects at the first command and again by itself,
   * subscriptions included; `onProblem` hears why it cannot. Ended by `close` of the source at the latest.
   */
  dedicated(onProblem: (error: Error) => void): Redis
  /** Connections that are open now; for tests that look for leaks. */
  open(): number
  close(): Promise<void>
}

const CONNECT_MS = 5000
/** A command that brings nothing for so long is on a dead connection: a half-open socket never says so itself. */
const SILENCE_MS = 10_000
/** Of SCAN: a few milliseconds for each, and only while nothing has told the separator. */
const MOST_STEPS = 20
/** After a failed connection further commands fail at once with its cause, for a time that grows. */
const BACK_OFF_MS = { first: 200, longest: 5000 }

/** @param queue one of the broker's, whose binding tells how this app separates names; none for results alone. */
export function connectRedis(address: RedisAddress, prefix: string, queue?: string): RedisSource {
  const { on, db } = address
  const keys = createKeys(prefix, db)
  const dedicated = new Set<Redis>()
  /** Why a connection was given up, where the driver only says that it is closed. */
  const faults = new WeakMap<Redis, Error>()
  let shared: Promise<Redis> | null = null
  /** The shared connection from its first moment on: closing does not wait for a peer that never greets. */
  let latest: Redis | null = null
  let refused: { error: unknown; until: number; delay: number } | null = null
  let closed = false

  async function connect(): Promise<Redis> {
    const redis = new Redis({
      ...base(address),
      // The number is selected below: ioredis would go on in database 0 where it may not be selected.
      db: 0,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
      socketTimeout: SILENCE_MS,
    })
    latest = redis
    // Without a listener an error ends the process; the cause is told by the promise that failed.
    let cause: unknown = null
    redis.on('error', (error) => {
      cause = error
    })
    guardReplies(redis, (fault) => faults.set(redis, fault))
    try {
      await redis.connect()
      if (db !== 0) await redis.select(db)
      if (queue !== undefined) await learnSeparator(redis, keys, queue)
      return redis
    } catch (error) {
      redis.disconnect()
      throw mistakenForTls(cause ?? error, address.tls !== null)
    }
  }

  function connected(): Promise<Redis> {
    if (shared !== null) return shared
    if (refused !== null && performance.now() < refused.until) return Promise.reject(refused.error)
    const now = connect()
    shared = now
    now.then(
      (redis) => {
        refused = null
        redis.once('end', () => {
          if (shared === now) shared = null
        })
      },
      (error: unknown) => {
        if (shared === now) shared = null
        const delay = Math.min((refused?.delay ?? BACK_OFF_MS.first / 2) * 2, BACK_OFF_MS.longest)
        refused = { error, until: performance.now() + delay, delay }
      },
    )
    return now
  }

  return {
    on,
    db,
    keys,
    async run(tried, signal, work) {
      if (signal.aborted) throw outOfTime(tried, on, signal.reason)
      if (closed) throw toFailureError(new Error('Connection is closed.'), tried, on)
      try {
        return await within(
          signal,
          connected().then((redis) =>
            work(redis).catch((error: unknown) => {
              throw faults.get(redis) ?? error
            }),
          ),
        )
      } catch (error) {
        throw signal.aborted ? outOfTime(tried, on, error) : toFailureError(error, tried, on)
      }
    },
    dedicated(onProblem) {
      const redis = new Redis({
        ...base(address),
        // What was in flight when the connection broke is rejected: the caller knows whether it may be sent again.
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: null,
        socketTimeout: SILENCE_MS,
        retryStrategy: (times) => Math.min(BACK_OFF_MS.first * 2 ** Math.min(times, 10), BACK_OFF_MS.longest),
      })
      redis.on('error', onProblem)
      guardReplies(redis, () => undefined)
      redis.once('end', () => dedicated.delete(redis))
      dedicated.add(redis)
      return redis
    },
    open: () => dedicated.size + (shared === null ? 0 : 1),
    async close() {
      closed = true
      for (const redis of dedicated) redis.disconnect()
      dedicated.clear()
      const last = shared
      shared = null
      latest?.disconnect()
      await last?.then(
        (redis) => redis.disconnect(),
        () => undefined,
      )
    },
  }
}

/** Before any key is named: see `Keys.learn`. An app may have called its exchange otherwise than its queue. */
async function learnSeparator(redis: Redis, keys: Keys, queue: string): Promise<void> {
  try {
    for (const key of [keys.pidboxBinding, keys.binding(queue)]) await learn(redis, keys, key)
    let cursor = '0'
    for (let step = 0; step < MOST_STEPS && !keys.learned(); step++) {
      const [next, found] = await redis.scan(cursor, 'MATCH', keys.bindings, 'COUNT', 1000)
      for (const key of found) if (!key.endsWith('.pidbox')) await learn(redis, keys, key)
      cursor = next
      if (cursor === '0') return
    }
  } catch (error) {
    // Nothing can be learned where nothing may be read.
    if (!/NOPERM/.test(String(error))) throw error
  }
}

/** A few of its members are enough. */
async function learn(redis: Redis, keys: Keys, binding: string): Promise<void> {
  const members = await redis.srandmember(binding, 3).catch((error: unknown) => {
    // A key of that name that is no binding says nothing about the others.
    if (/NOPERM|WRONGTYPE/.test(String(error))) return []
    throw error
  })
  keys.learn(members)
}

function base({ host, port, path, username, password, tls, db }: RedisAddress): Omit<RedisOptions, 'replyMapping'> {
  return {
    ...(path === null ? { host, port } : { path }),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { tls }),
    db,
    // Old proxies and tight ACLs refuse HELLO; nothing here needs RESP3 (protocol reference §8).
    protocol: 2,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    keepAlive: 10_000,
    connectionName: 'unjam',
    disableClientInfo: true,
    // It asks INFO, which a tight ACL forbids; a server that is loading says so to any command.
    enableReadyCheck: false,
  }
}

/** A server that speaks TLS cuts off who does not, and a plain one never answers a TLS greeting: neither says why. */
function mistakenForTls(error: unknown, tls: boolean): unknown {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null
  if (code !== (tls ? 'ETIMEDOUT' : 'ECONNRESET')) return error
  return Object.assign(new Error('no connection', { cause: error }), { code: tls ? 'TLS_UNANSWERED' : 'PLAIN_CUT_OFF' })
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  // The loser of the race must not end the process when it fails later.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
