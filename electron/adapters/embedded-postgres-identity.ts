// Asks whatever answers on a loopback port whether it is this instance: on a port, any Postgres may answer.
import { createServer } from 'node:net'
import { openPool } from '../../worker/store/pool.ts'
import { DATABASE, USER } from './embedded-postgres-cluster.ts'

export interface Identity {
  readonly instance: string
  readonly password: string
}

/** `recovering`: a Postgres that does not accept connections yet. `silent`: something took the call and said nothing. */
export type Answer = 'ours' | 'other' | 'recovering' | 'silent' | 'closed'

export function urlOf(port: number, password: string, database = DATABASE): string {
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
}

/**
 * Connects as our user and compares the instance's UUID and its data folder; makes our database when it is missing.
 * `dataFolder` is what the server must call its own folder.
 */
export async function identify(port: number, dataFolder: string, { instance, password }: Identity): Promise<Answer> {
  const ignoreIdle = () => undefined // The query that follows reports the same loss.
  const pool = openPool(urlOf(port, password, 'postgres'), 1, ignoreIdle)
  try {
    const { rows } = await pool.query<{ instance: string | null; folder: string; made: boolean }>(
      `SELECT current_setting('unjam.instance', true) AS instance, current_setting('data_directory') AS folder,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS made`,
      [DATABASE],
    )
    const [row] = rows
    if (row === undefined || row.instance !== instance || !sameFolder(row.folder, dataFolder)) return 'other'
    if (!row.made) await pool.query(`CREATE DATABASE ${DATABASE}`)
    return 'ours'
  } catch (error) {
    return answerOf(error)
  } finally {
    await pool.close()
  }
}

/** Whether this process could listen there now: taken ports and ranges reserved by Windows both answer no. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

// Below 32768: outside the ranges that Linux (32768…) and Windows (49152…) hand to outgoing connections.
const FIRST_PORT = 20_000
const LAST_PORT = 32_767

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1))
    if (await portIsFree(port)) return port
  }
}

function answerOf(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'closed'
  // cannot_connect_now: starting up, recovering or shutting down.
  if (code === '57P03' || code === '57P01') return 'recovering'
  // A class of five characters is Postgres's own: it answered, and it is not ours (a wrong password above all).
  if (/^[0-9A-Z]{5}$/.test(code)) return 'other'
  return 'silent'
}

function sameFolder(one: string, other: string): boolean {
  const plain = (path: string) => path.replaceAll('\\', '/').replace(/\/$/, '')
  const [a, b] = [plain(one), plain(other)]
  return process.platform === 'win32' ? a.toLowerCase() === b.toLowerCase() : a === b
}
