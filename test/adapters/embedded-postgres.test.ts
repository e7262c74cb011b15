// The embedded Postgres through everything that happens to it: crashes, taken ports, stale files, other users.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, embeddedPostgres } from '../../electron/adapters/embedded-postgres.ts'
import { findBinaries } from '../../electron/adapters/embedded-postgres-binaries.ts'
import { clusterIn } from '../../electron/adapters/embedded-postgres-cluster.ts'
import { portIsFree } from '../../electron/adapters/embedded-postgres-identity.ts'
import { readPidFile, whoIs } from '../../electron/adapters/embedded-postgres-postmaster.ts'
import { openPool } from '../../worker/store/pool.ts'
import { until } from '../support/until.ts'

const root = process.getuid?.() === 0
const nobody = { uid: 65_534, gid: 65_534 }
const patience = () => AbortSignal.timeout(60_000)

// What a test starts is stopped after it, whatever became of it.
const ends: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A data directory as a person has one, its `postgres` folder, and the surety that no server stays behind. */
function place(parent = tmpdir()) {
  const data = mkdtempSync(join(parent, 'unjam test "$HOME" ü-'))
  const folder = join(data, 'postgres')
  const cluster = clusterIn(folder)
  ends.push(async () => {
    const file = existsSync(folder) ? readPidFile(cluster.data) : null
    if (file !== null && (await whoIs(file.pid, cluster.data)) === 'ours') {
      process.kill(file.pid, 'SIGQUIT')
      await until('the server is gone', async () => (await whoIs(file.pid, cluster.data)) === 'gone')
    }
    rmSync(data, { recursive: true, force: true })
  })
  const notices: string[] = []
  const open = (binaries?: string): EmbeddedPostgres => {
    const options = { folder, onNotice: (sentence: string) => void notices.push(sentence) }
    const database = embeddedPostgres(binaries === undefined ? options : { ...options, binaries })
    ends.push(() => database.stop())
    return database
  }
  return { data, folder, cluster, notices, open }
}

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const pool = openPool(url, 1, () => undefined)
  try {
    return (await pool.query<{ value: T }>(sql)).rows.map(({ value }) => value)
  } finally {
    await pool.close()
  }
}

/** A data directory whose cluster is complete and stopped: a copy of one made once, without its port. */
async function complete(parent?: string) {
  const here = place(parent)
  cpSync(await template(), join(here.folder, '18'), { recursive: true })
  chmodSync(here.folder, 0o700)
  return here
}

let made: Promise<string> | null = null
function template(): Promise<string> {
  made ??= (async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'unjam-template-')), 'postgres')
    const database = embeddedPostgres({ folder, onNotice: () => undefined })
    await database.url(patience())
    await database.stop()
    const { portFile } = clusterIn(folder)
    rmSync(portFile)
    return join(portFile, '..')
  })()
  return made
}
afterAll(async () => {
  if (made !== null) rmSync(join(await made, '..', '..'), { recursive: true, force: true })
})

/** Another process that uses the folder, as another Unjam does. */
async function owner(folder: string, account: { uid: number; gid: number } | null = null, binaries?: string) {
  const program = join(import.meta.dirname, '..', 'support', 'postgres-owner.ts')
  const child = spawn(process.execPath, [program, folder, ...(binaries === undefined ? [] : [binaries])], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(account ?? {}),
    ...(account === null ? {} : { env: { PATH: process.env.PATH, HOME: '/nonexistent' } }),
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  ends.push(() => {
    child.kill('SIGKILL')
    return gone
  })
  const lines: { url?: string; error?: string; notice?: string; tookMs?: number }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  const answer = () => lines.find(({ url, error }) => url !== undefined || error !== undefined)
  await until('the other process answers', () => answer() !== undefined)
  return {
    ...answer(),
    lines,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async end() {
      child.stdin.end()
      await gone
    },
  }
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end('220 not a database\r\n'))
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
    ends.push(() => new Promise((closed) => server.close(() => closed())))
  })
}

function give(path: string, account: { uid: number; gid: number }): void {
  chownSync(path, account.uid, account.gid)
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name), account)
}

const pidOf = (data: string) => readPidFile(data)?.pid ?? 0

describe('first start and after', () => {
  test('makes a private cluster, starts on loopback with a password, stops without a trace', async () => {
    const { folder, cluster, notices, open } = place()
    const database = open()
    expect(database.running()).toBe(false)
    const url = await database.url(patience())
    expect(database.running()).toBe(true)
    expect(await database.url(patience())).toBe(url)
    expect(await ask(url, `SELECT current_database() AS value`)).toEqual(['unjam'])
    expect(
      await ask(
        url,
        `SELECT datlocale || ' ' || datlocprovider::text AS value FROM pg_database WHERE datname = 'unjam'`,
      ),
    ).toEqual(['C.UTF-8 b'])
    expect(await ask(url, `SELECT current_setting('data_checksums') AS value`)).toEqual(['on'])
    expect(await ask(url, `SELECT current_setting('password_encryption') AS value`)).toEqual(['scram-sha-256'])
    for (const path of [folder, join(cluster.data, '..'), cluster.data])
      expect(statSync(path).mode & 0o777, path).toBe(0o700)
    expect(statSync(cluster.passwordFile).mode & 0o777).toBe(0o600)
    const pid = pidOf(cluster.data)
    await database.stop()
    expect(database.running()).toBe(false)
    expect(await whoIs(pid, cluster.data)).toBe('gone')
    expect(existsSync(join(cluster.data, 'postmaster.pid'))).toBe(false)
    expect(readFileSync(cluster.log, 'utf8')).toContain('received fast shutdown request')
    expect(notices).toEqual([])
  })

  test('what was written is there after a stop and a start, on the same port', async () => {
    const { open } = await complete()
    const first = open()
    const url = await first.url(patience())
    await ask(url, 'CREATE TABLE kept AS SELECT 7 AS value')
    await first.stop()
    const second = open()
    expect(await second.url(patience())).toBe(url)
    expect(await ask(url, 'SELECT value FROM kept')).toEqual([7])
  })

  test('a wrong password is refused, and only loopback listens', async () => {
    const { open } = await complete()
    const url = await open().url(patience())
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'SELECT 1 AS value')).rejects.toThrow('password authentication failed')
    const other = Object.values(networkInterfaces())
      .flat()
      .find((address) => address !== undefined && !address.internal && address.family === 'IPv4')
    if (other === undefined) return
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: other.address, port: Number(wrong.port), timeout: 2000 })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('timeout', () => resolve(false))
      ends.push(() => void socket.destroy())
    })
    expect(reached).toBe(false)
  })

  test('many callers at once start one server; one that gives up stops nobody', async () => {
    const { open } = await complete()
    const database = open()
    const gaveUp = new AbortController()
    const leaving = database.url(gaveUp.signal)
    const others = [1, 2, 3].map(() => database.url(patience()))
    gaveUp.abort(new Error('had enough'))
    await expect(leaving).rejects.toThrow('had enough')
    expect(new Set(await Promise.all(others)).size).toBe(1)
  })
})

describe('several processes', () => {
  test('two that start at once share one server, and the last to leave stops it', async () => {
    const { folder, cluster } = place()
    const [one, two] = await Promise.all([owner(folder), owner(folder)])
    expect(one.error).toBeUndefined()
    expect(two.url).toBe(one.url)
    const pid = pidOf(cluster.data)
    await one.end()
    expect(await ask(two.url ?? '', 'SELECT 1 AS value')).toEqual([1])
    expect(pidOf(cluster.data)).toBe(pid)
    await two.end()
    expect(await whoIs(pid, cluster.data)).toBe('gone')
  })

  test('a server that outlived a kill -9 of its owner is adopted, and stopped by whoever adopted it', async () => {
    const { folder, cluster, open } = await complete()
    const first = await owner(folder)
    const pid = pidOf(cluster.data)
    await first.kill()
    expect(await whoIs(pid, cluster.data)).toBe('ours')
    const database = open()
    expect(await database.url(patience())).toBe(first.url)
    expect(pidOf(cluster.data)).toBe(pid)
    await database.stop()
    expect(await whoIs(pid, cluster.data)).toBe('gone')
  })

  test('kill -9 of the server itself: the next use starts it again and nothing committed is lost', async () => {
    const { cluster, open } = await complete()
    const database = open()
    const url = await database.url(patience())
    await ask(url, 'CREATE TABLE kept AS SELECT 7 AS value')
    const pid = pidOf(cluster.data)
    process.kill(pid, 'SIGKILL')
    await until('it is dead', async () => (await whoIs(pid, cluster.data)) === 'gone')
    expect(database.running()).toBe(false)
    const again = await database.url(patience())
    expect(await ask(again, 'SELECT value FROM kept')).toEqual([7])
    expect(readFileSync(cluster.log, 'utf8')).toMatch(/was interrupted|automatic recovery/)
  })
})

describe('ports', () => {
  test('a taken port: another one is chosen, said once, and kept', async () => {
    const { cluster, notices, open } = await complete()
    const first = open()
    const url = new URL(await first.url(patience()))
    await first.stop()
    await listenOn(Number(url.port))
    const second = open()
    const other = new URL(await second.url(patience()))
    expect(other.port).not.toBe(url.port)
    expect(notices).toEqual([
      `Port ${url.port} is taken by another program, so the embedded database now listens on port ${other.port}.`,
    ])
    expect(await ask(other.href, 'SELECT 1 AS value')).toEqual([1])
    expect(readFileSync(cluster.portFile, 'utf8').trim()).toBe(other.port)
  })

  test('the server of the folder that this one was copied from is never taken for ours', async () => {
    const theirs = await complete()
    const theirUrl = new URL(await theirs.open().url(patience()))
    const ours = await complete()
    const first = ours.open()
    await first.url(patience())
    await first.stop()
    writeFileSync(ours.cluster.portFile, theirUrl.port)
    writeFileSync(
      join(ours.cluster.data, 'postmaster.pid'),
      `${pidOf(theirs.cluster.data)}\n${ours.cluster.data}\n1\n${theirUrl.port}\n\n127.0.0.1\n\nready\n`,
    )
    const second = new URL(await ours.open().url(patience()))
    expect(second.port).not.toBe(theirUrl.port)
    expect(await whoIs(pidOf(theirs.cluster.data), theirs.cluster.data)).toBe('ours')
    expect(await ask(theirUrl.href, 'SELECT 1 AS value')).toEqual([1])
  })
})

describe('what a crash left', () => {
  /** A complete cluster that does not run, and the port it will want. */
  async function stopped() {
    const here = await complete()
    const database = here.open()
    const { port } = new URL(await database.url(patience()))
    await database.stop()
    const leave = (pid: number | string) =>
      writeFileSync(
        join(here.cluster.data, 'postmaster.pid'),
        `${pid}\n${here.cluster.data}\n1\n${port}\n\n127.0.0.1\n 1 1\nready   \n`,
      )
    return { ...here, port: Number(port), leave }
  }
  const asides = (data: string) => readdirSync(data).filter((name) => name.startsWith('postmaster.pid.stale-'))

  test('a postmaster.pid of a dead process', async () => {
    const here = await stopped()
    const child = spawn('true')
    const dead = child.pid
    await new Promise((resolve) => child.once('close', resolve))
    here.leave(dead ?? 0)
    expect(await ask(await here.open().url(patience()), 'SELECT 1 AS value')).toEqual([1])
    expect(here.notices).toEqual([])
  })

  test('a postmaster.pid whose number now belongs to another living process: set aside, the process untouched', async () => {
    const here = await stopped()
    const stranger = spawn('sleep', ['300'])
    ends.push(() => void stranger.kill('SIGKILL'))
    here.leave(stranger.pid ?? 0)
    expect(await ask(await here.open().url(patience()), 'SELECT 1 AS value')).toEqual([1])
    expect(asides(here.cluster.data)).toHaveLength(1)
    expect(here.notices).toHaveLength(1)
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  })

  test('a postmaster.pid of a process that died but was never reaped', async () => {
    const here = await stopped()
    // The shell starts a child and becomes a program that never asks after it: a zombie, as in bare containers.
    const parent = spawn('sh', ['-c', 'read word <&3 & echo $!; exec sleep 300'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    ends.push(() => void parent.kill('SIGKILL'))
    const pid = await new Promise<number>((resolve) => parent.stdout?.once('data', (text) => resolve(Number(text))))
    // Only then the child may end: the shell would have asked after it.
    await until('the other program', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
    parent.stdio[3]?.destroy()
    await until('a zombie', () => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
    here.leave(pid)
    expect(await ask(await here.open().url(patience()), 'SELECT 1 AS value')).toEqual([1])
  })

  test('a postmaster.pid of garbage', async () => {
    const here = await stopped()
    here.leave('garbage')
    expect(await ask(await here.open().url(patience()), 'SELECT 1 AS value')).toEqual([1])
  })

  test('a stop never signals a stranger that a stale postmaster.pid names', async () => {
    const here = await stopped()
    const database = here.open()
    await database.url(patience())
    const server = pidOf(here.cluster.data)
    const real = readFileSync(join(here.cluster.data, 'postmaster.pid'))
    const stranger = spawn('sleep', ['300'])
    ends.push(() => void stranger.kill('SIGKILL'))
    here.leave(stranger.pid ?? 0)
    await database.stop()
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    writeFileSync(join(here.cluster.data, 'postmaster.pid'), real)
    expect(await whoIs(server, here.cluster.data)).toBe('ours')
  })

  test('a half-made data folder is moved aside, not reused and not deleted', async () => {
    const here = place()
    mkdirSync(here.cluster.data, { recursive: true, mode: 0o700 })
    writeFileSync(join(here.cluster.data, 'PG_VERSION'), '18\n')
    expect(await ask(await here.open().url(patience()), 'SELECT 1 AS value')).toEqual([1])
    const kept = readdirSync(join(here.cluster.data, '..')).find((name) => name.startsWith('data.incomplete-'))
    expect(readFileSync(join(here.cluster.data, '..', kept ?? '', 'PG_VERSION'), 'utf8')).toBe('18\n')
    expect(here.notices).toHaveLength(1)
  })

  test('a server that cannot start says why, in the words of its own log', async () => {
    const here = await stopped()
    writeFileSync(join(here.cluster.data, 'postgresql.auto.conf'), "shared_buffers = 'no number'\n")
    await expect(here.open().url(patience())).rejects.toThrow(/Start the embedded database.*shared_buffers/s)
    expect(await portIsFree(here.port)).toBe(true)
  })
})

describe('programs and users', () => {
  test.runIf(process.platform !== 'win32')(
    'a package without its links and in a read-only folder is copied, completed and run',
    async () => {
      const here = await complete()
      const native = join(here.data, 'package', 'native')
      mkdirSync(join(here.data, 'package'))
      cpSync(findBinaries(), native, { recursive: true, verbatimSymlinks: true })
      for (const { target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')))
        unlinkSync(join(native, '..', target))
      // Root may write anywhere, so an ordinary user starts it.
      if (root) {
        for (const path of [here.data, join(here.data, 'package')]) chmodSync(path, 0o755)
        give(here.folder, nobody)
      } else chmodSync(join(native, 'lib'), 0o555)
      ends.push(() => chmodSync(join(native, 'lib'), 0o755))
      const other = await owner(here.folder, root ? nobody : null, native)
      expect(other.error).toBeUndefined()
      expect(await ask(other.url ?? '', 'SELECT 1 AS value')).toEqual([1])
      expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(false)
      await other.end()
      expect(readFileSync(join(here.cluster.data, 'postmaster.opts'), 'utf8')).not.toContain(native)
      // The data folder's own name has a quote, so the copy lies where none is.
      const copies = join(tmpdir(), `unjam-programs-${root ? nobody.uid : process.getuid?.()}`)
      expect(existsSync(copies)).toBe(true)
      rmSync(copies, { recursive: true, force: true })
    },
  )

  test('a package that was never installed is named with the way to install it', async () => {
    const here = place()
    const empty = join(here.data, 'nothing')
    mkdirSync(join(empty, 'bin'), { recursive: true })
    await expect(here.open(empty).url(patience())).rejects.toThrow(/not installed.*npm ci/)
    expect(existsSync(here.cluster.data)).toBe(false)
  })

  describe.runIf(root)('as root', () => {
    test('works in a folder only root may enter, without loosening it, and the server is not root', async () => {
      const closed = mkdtempSync('/root/unjam-closed-')
      ends.push(() => rmSync(closed, { recursive: true, force: true }))
      chmodSync(closed, 0o700)
      const before = statSync('/root').mode
      const here = await complete(closed)
      chmodSync(here.data, 0o700)
      const url = await here.open().url(patience())
      expect(await ask(url, 'SELECT 1 AS value')).toEqual([1])
      const status = readFileSync(`/proc/${pidOf(here.cluster.data)}/status`, 'utf8')
      expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThan(0)
      expect(Number(/^Gid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThan(0)
      expect(/^Groups:[ \t]*(.*)$/m.exec(status)?.[1]?.trim()).toBe('')
      expect(statSync('/root').mode).toBe(before)
      for (const path of [closed, here.data]) expect(statSync(path).mode & 0o777, path).toBe(0o700)
      expect(statSync(here.data).uid).toBe(0)
    })

    test('programs inside a folder only root may enter are copied where they can be run', async () => {
      const closed = mkdtempSync('/root/unjam-programs-')
      ends.push(() => rmSync(closed, { recursive: true, force: true }))
      cpSync(findBinaries(), join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
      const digest = createHash('sha256').update(readFileSync(join(closed, 'native', 'bin', 'postgres')))
      const copy = join('/var/cache/unjam', `postgres-${digest.digest('hex').slice(0, 16)}`)
      // One that is there already belongs to this machine and stays.
      if (!existsSync(copy)) ends.push(() => rmSync(copy, { recursive: true, force: true }))
      const here = await complete()
      expect(await ask(await here.open(join(closed, 'native')).url(patience()), 'SELECT 1 AS value')).toEqual([1])
      expect(existsSync(join(copy, 'bin', 'postgres'))).toBe(true)
      expect(statSync(copy).uid).toBe(0)
    })

    test('an ordinary user starts its own, root joins it, and neither can break the other', async () => {
      const here = await complete()
      give(here.data, nobody)
      const theirs = await owner(here.folder, nobody)
      expect(theirs.error).toBeUndefined()
      const asRoot = here.open()
      expect(await asRoot.url(patience())).toBe(theirs.url)
      await theirs.end()
      expect(await ask(theirs.url ?? '', 'SELECT 1 AS value')).toEqual([1])
      await asRoot.stop()
      expect(statSync(here.cluster.data).uid).toBe(nobody.uid)
      const again = await owner(here.folder, nobody)
      expect(again.url).toBe(theirs.url)
      await again.end()
    })

    test('an ordinary user is told why it cannot use what root made', async () => {
      const here = await complete()
      const made = here.open()
      await made.url(patience())
      await made.stop()
      chmodSync(here.data, 0o755)
      chmodSync(here.folder, 0o755)
      const daemon = { uid: 1, gid: 1 }
      expect((await owner(here.folder, daemon)).error).toMatch(/another user|permission|EACCES/)
    })

    test('a cluster restored from a backup as root is given back to the account that can run it', async () => {
      const here = await complete()
      const made = here.open()
      const url = await made.url(patience())
      await ask(url, 'CREATE TABLE kept AS SELECT 7 AS value')
      await made.stop()
      give(here.folder, { uid: 0, gid: 0 })
      expect(await ask(await here.open().url(patience()), 'SELECT value FROM kept')).toEqual([7])
    })
  })
})
