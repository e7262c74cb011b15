// The systems that faults happen to: a Redis queue, a recordings table and a .env, with proxies that can be cut.

import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { systemClock } from '../../electron/adapters/clock.ts'
import { openHistory } from '../../electron/adapters/history-sqlite.ts'
import { crawlSystem } from '../../electron/compose/crawl-system.ts'
import { recordingsSystem } from '../../electron/compose/recordings-system.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { createRecovery } from '../../electron/core/recover.ts'
import { createActions } from '../../electron/core/run-action.ts'
import { PROCESS } from '../adapters/celery/queue-stage.ts'
import { celerySend, celeryWorker, type TestWorker } from '../support/celery.ts'
import { createCrawlTables } from '../support/crawl-tables.ts'
import { localParts } from '../support/local-parts.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

export const QUEUE = 'celery'
const KNOWN = new Set(['.env', 'backups', 'data'])
const STEPS = ['', '\x06\x163', '\x06\x166', '\x06\x169']

/** A TCP proxy: `cut` ends every connection and refuses new ones, `heal` lets them through again. */
interface Proxy {
  readonly port: number
  cut(): void
  heal(): void
  close(): void
}

async function proxyTo(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  let open = true
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (!open) return socket.destroy()
    const upstream = connect(port, '127.0.0.1')
    for (const one of [socket, upstream]) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        socket.destroy()
        upstream.destroy()
      })
    }
    socket.pipe(upstream).pipe(socket)
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      open = false
      for (const socket of sockets) socket.destroy()
    },
    heal() {
      open = true
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Everything that an operator could lose, in a form that can be compared. */
export interface State {
  /** Messages of each list, newest first, byte for byte. */
  readonly queues: Readonly<Record<string, readonly string[]>>
  /** Rows of `recordings` as JSON text, by id. */
  readonly rows: Readonly<Record<string, string>>
  readonly env: string
}

export interface World {
  readonly redis: TestRedis
  readonly database: TestDatabase
  /** Settings of the system as the core gets it: through the proxies. */
  settings(kind: 'recordings' | 'crawl'): SystemSettings
  readonly dataDir: string
  /** A folder of recordings that are really there. */
  readonly folder: string
  readonly envFile: string
  state(): Promise<State>
  /** Messages that Unjam keeps outside of the queues: quarantined and withdrawn. */
  setAside(): Promise<readonly string[]>
  /** Files beside the .env that an interrupted write left. */
  strays(): readonly string[]
  /** Empties everything and forgets the history. */
  reset(): Promise<void>
  cut(): void
  heal(): void
  /** As if the lock of a process that has ended had lapsed. */
  lapse(): Promise<void>
  /** Puts messages into the queue, the first given to run first. */
  push(step: string, ...raws: string[]): Promise<void>
  /** A worker that knows the tasks, consumes the queue, and is busy for good. */
  busyWorker(): Promise<void>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const [redis, database] = await Promise.all([redisServer({ persist: false }), testDatabase()])
  const to = { redis: await proxyTo(redis.port), database: await proxyTo(Number(new URL(database.url).port)) }
  const folder = mkdtempSync(join(tmpdir(), 'unjam-faults-'))
  const dataDir = join(folder, 'data')
  const envFile = join(folder, '.env')
  const through = new URL(database.url)
  through.port = String(to.database.port)
  const both = { database: through.href, broker: `redis://127.0.0.1:${to.redis.port}/0` }
  await createCrawlTables(database.pool)
  let worker: TestWorker | null = null
  // Outside of every fault: it reads what there is.
  const client = new Redis(redis.url)
  const list = (key: string) => client.lrange(key, 0, -1)
  return {
    ...{ redis, database, dataDir, envFile, folder },
    settings: (kind) =>
      SystemSettings.parse(
        kind === 'recordings'
          ? { ...both, id: 'calls', kind, envFile }
          : // The busy worker knows this task: it is never carried out.
            { ...both, id: 'crawl', kind, celery: { jobTask: PROCESS, jobQueue: QUEUE } },
      ),
    async state() {
      const { rows } = await database.pool.query<{ id: string; row: string }>(
        `SELECT id::text, to_jsonb(r)::text AS row FROM recordings r
         UNION ALL SELECT id::text, to_jsonb(c)::text FROM crawl_jobs c
         UNION ALL SELECT 'lease ' || recording, to_jsonb(l)::text FROM unjam.lease l`,
      )
      return {
        queues: Object.fromEntries(
          await Promise.all(STEPS.map(async (step) => [step, await list(`${QUEUE}${step}`)] as const)),
        ),
        rows: Object.fromEntries(rows.map(({ id, row }) => [id, row])),
        env: readFileSync(envFile, 'utf8'),
      }
    },
    async setAside() {
      const keys = await client.keys('unjam:*')
      const types = await Promise.all(keys.map((key) => client.type(key)))
      const lists = keys.filter((key, i) => types[i] === 'list' && !key.endsWith(':order'))
      return (await Promise.all(lists.map(list))).flat()
    },
    strays: () => readdirSync(folder).filter((name) => !KNOWN.has(name) && !name.endsWith('.wav')),
    async reset() {
      for (const proxy of Object.values(to)) proxy.heal()
      const keys = await client.keys('*')
      const gone = keys.filter((key) => key.startsWith('unjam:') || STEPS.some((step) => key === `${QUEUE}${step}`))
      if (gone.length > 0) await client.del(...gone)
      for (const table of ['unjam.lease', 'recordings', 'crawl_jobs', 'sources'])
        await database.pool.query(`DELETE FROM ${table}`)
      for (const path of [dataDir, join(folder, 'backups')]) rmSync(path, { recursive: true, force: true })
      for (const name of readdirSync(folder)) if (!KNOWN.has(name)) rmSync(join(folder, name))
      writeFileSync(envFile, 'TASK_TIMEOUT_SECONDS=1800\nAPI_TOKEN=s3cret-value-of-a-stack\n')
    },
    push: async (step, ...raws) => void (await client.lpush(`${QUEUE}${step}`, ...raws)),
    cut() {
      for (const proxy of Object.values(to)) proxy.cut()
    },
    heal() {
      for (const proxy of Object.values(to)) proxy.heal()
    },
    async lapse() {
      const locks = await client.keys('unjam:lock:*')
      if (locks.length > 0) await client.del(...locks)
    },
    async busyWorker() {
      if (worker !== null) return
      worker = await celeryWorker({ broker: redis.url, queues: [QUEUE], concurrency: 1 })
      // One runs and one is prefetched: whatever comes after them waits in the queue.
      await celerySend({ broker: redis.url }, { task: 'sleep', args: [100_000], times: 2 })
      await until('both are taken', async () => (await client.llen(QUEUE)) === 0, 30_000)
    },
    async close() {
      await worker?.kill()
      for (const proxy of Object.values(to)) proxy.close()
      client.disconnect()
      await Promise.all([redis.stop(), database.drop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Host = ReturnType<typeof openHost>

/** The parts of a core that act and recover, on the world's data directory, as a start of Unjam makes them. */
export function openHost({ settings, dataDir }: { settings: SystemSettings; dataDir: string }) {
  const history = openHistory(join(dataDir, 'history.sqlite'))
  const parts = { dataDir, heartbeatLimitMs: () => 900_000, onProblem: () => undefined }
  if (settings.kind !== 'recordings' && settings.kind !== 'crawl') throw new Error('it has no broker')
  const system = settings.kind === 'crawl' ? crawlSystem(settings, parts) : recordingsSystem(settings, parts)
  const bugs: string[] = []
  const actions = createActions({
    system: () => system,
    local: localParts(),
    maker: null,
    history,
    clock: systemClock,
    newId: () => randomUUID(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    written: () => undefined,
    onBug: (where, error) => bugs.push(`${where}: ${error instanceof Error ? error.message : String(error)}`),
  })
  const recovery = createRecovery({
    systems: () => [system],
    clock: systemClock,
    settle: actions.settle,
    interrupted: actions.interrupted,
    notice: () => undefined,
    onBug: (where, error) => bugs.push(`${where}: ${error instanceof Error ? error.message : String(error)}`),
  })
  return {
    ...{ history, actions, bugs },
    /** Recovers as a start does, until nothing is open. */
    async recover(): Promise<void> {
      recovery.start()
      try {
        await until(
          `nothing is open (${bugs.join('; ')} ${JSON.stringify(actions.interrupted(system.id))})`,
          async () => history.open().length === 0,
          60_000,
        )
      } finally {
        await recovery.stop()
      }
    },
    async close(): Promise<void> {
      await recovery.stop()
      await actions.idle()
      await system.close()
      history.close()
    },
  }
}
