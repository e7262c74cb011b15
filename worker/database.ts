// The database as a worker needs it: one transaction at a time, and patience when it is away.
import { setTimeout as sleep } from 'node:timers/promises'
import { NOT_POSTGRES } from './store/checked-client.ts'
import type { Pool, Queryable } from './store/pool.ts'
import type { Timing } from './timing.ts'

export interface Database {
  /** One transaction in the table's time zone. */
  once<T>(work: (db: Queryable) => Promise<T>): Promise<T>
  /** The same, tried again with back-off for as long as the database is away; rejects with the signal's reason. */
  insist<T>(work: (db: Queryable) => Promise<T>, signal: AbortSignal): Promise<T>
}

const statementTimeoutMs = 30_000

export function openDatabase(
  pool: Pool,
  timeZone: string,
  timing: Timing,
  say: (level: 'info' | 'warn', message: string) => void,
): Database {
  let awaySince: number | null = null
  const once = async <T>(work: (db: Queryable) => Promise<T>): Promise<T> => {
    try {
      const result = await pool.transaction(statementTimeoutMs, work, timeZone)
      if (awaySince !== null)
        say('info', `The database answers again after ${Math.round((performance.now() - awaySince) / 1000)} s.`)
      awaySince = null
      return result
    } catch (error) {
      if (isAway(error) && awaySince === null) {
        awaySince = performance.now()
        say('warn', outage(error))
      }
      throw error
    }
  }
  return {
    once,
    async insist(work, signal) {
      for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, timing.backOffMs)) {
        signal.throwIfAborted()
        try {
          return await once(work)
        } catch (error) {
          if (!isAway(error)) throw error
        }
        await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    },
  }
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  // A proxy or another program answers in its place: until it is back, as with one that does not answer.
  NOT_POSTGRES,
])
/**
 * SQLSTATE classes and codes that pass without a change of the statement: connection, shutdown, resources (a full disk
 * among them), I/O errors, deadlock, read-only standby.
 */
const passingStates = /^(08...|57P0[1-5]|57014|53...|58030|40001|40P01|55P03|25006)$/
const passingWords =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error|server closed|not queryable|server conn crashed|query_wait_timeout/i

/** Whether trying again later is the answer. */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isAway)) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return networkCodes.has(code) || passingStates.test(code) || passingWords.test(error.message)
}

function outage(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const what = code === '53100' ? "The database's disk is full" : 'The database does not answer'
  return `${what} (${reason(error)}); work continues and is saved when it accepts writes again.`
}

export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
