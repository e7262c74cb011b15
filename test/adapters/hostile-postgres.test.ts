// A Postgres that sends garbage, half, nothing, too much or the wrong thing costs a reading and nothing else; then it is well again.
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { isAway } from '../../worker/database.ts'
import { messageSplitter } from '../../worker/store/checked-client.ts'
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { settled, watchEscapes } from '../support/escaped-errors.ts'
import { type Behaviour, type HostileServer, hostileServer } from '../support/hostile-server.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { localTable, postgresSystem } from './postgres-stage.ts'

const message = (type: string, body: string | Buffer = '') => {
  const bytes = Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(body)])
  bytes.writeUInt32BE(bytes.length - 1, 1)
  return bytes
}
const authenticated = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')])
const shutdown = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
const aColumn = message('T', Buffer.concat([Buffer.from([0, 1]), Buffer.from('n\0'), Buffer.alloc(18)]))
const aRow = message('D', Buffer.from([0, 1, 0, 0, 0, 1, 0x31]))
const aRowWithoutColumns = Buffer.concat([aRow, message('Z', 'I')])

/** Logs everybody in, then answers each statement with `bytes`. */
const answering = (bytes: Buffer): Behaviour => {
  const greeted = new WeakSet<object>()
  return {
    kind: 'speaks',
    speak(socket) {
      socket.write(greeted.has(socket) ? bytes : authenticated)
      greeted.add(socket)
    },
  }
}
const flooding = (): Behaviour => {
  const greeted = new WeakSet<object>()
  const rows = Buffer.concat(Array.from({ length: 4000 }, () => message('D', Buffer.from([0, 1, 0, 0, 0, 1, 0x31]))))
  return {
    kind: 'speaks',
    speak(socket) {
      if (!greeted.has(socket)) {
        greeted.add(socket)
        socket.write(authenticated)
        return
      }
      socket.removeAllListeners('data').resume()
      socket.write(aColumn)
      const more = () => {
        while (socket.writable && socket.write(rows));
      }
      socket.on('drain', more)
      more()
    },
  }
}

const table: readonly [name: string, behaviour: Behaviour, because: RegExp][] = [
  ['nothing', { kind: 'silent' }, /did not answer in time|within 5 s/],
  ['an end at once', { kind: 'closes' }, /connection was cut/],
  ['a reset', { kind: 'resets' }, /connection was cut/],
  ['a web page', { kind: 'answers', bytes: 'HTTP/1.1 400 Bad Request\r\n\r\n<html>' }, /Postgres protocol/],
  ['a Redis', { kind: 'answers', bytes: ':1\r\n' }, /Postgres protocol/],
  ['zeros', { kind: 'answers', bytes: Buffer.alloc(4096) }, /Postgres protocol/],
  ['a message of 4 GB', { kind: 'answers', bytes: Buffer.from([0x45, 255, 255, 255, 255, 1]) }, /Postgres protocol/],
  ['half an error', { kind: 'answers', bytes: message('E', 'SFATAL\0Mno end') }, /Postgres protocol/],
  ['an unknown authentication', { kind: 'answers', bytes: message('R', 'abcd') }, /Postgres protocol/],
  ['an unrequested row', answering(aRowWithoutColumns), /Postgres protocol/],
  ['a row that is too short', answering(Buffer.concat([aColumn, message('D', '\0\x09abc')])), /Postgres protocol/],
  ['half a statement', { ...answering(aColumn) }, /did not answer in time/],
  // On a busy machine the deadline comes before the limit.
  ['rows without end', flooding(), /Postgres protocol|in time/],
  ['a shutdown together with the login', { kind: 'answers', bytes: Buffer.concat([authenticated, shutdown]) }, /./],
]

let database: TestDatabase
let server: HostileServer
let pool: Pool
let escapes: ReturnType<typeof watchEscapes>
beforeAll(async () => {
  database = await emptyDatabase()
})
afterAll(() => database.drop())
beforeEach(() => {
  escapes = watchEscapes()
})
afterEach(async () => {
  await server.close()
  await pool.close()
  await settled()
  expect(escapes.stop()).toEqual([])
})

const healthy = (): Behaviour => {
  const { hostname, port } = new URL(database.url)
  return { kind: 'forwards', connect: () => connect(Number(port), hostname) }
}
/** The URL of the test's database with the hostile server in the place of Postgres. */
async function inPlaceOfPostgres(behaviour: Behaviour): Promise<void> {
  server = await hostileServer(behaviour)
  const url = new URL(database.url)
  url.hostname = '127.0.0.1'
  url.port = String(server.port)
  pool = openPool(url.href, 2, () => undefined)
}

describe('the jobs of a database that answers with', () => {
  test.each(table)('%s are unknown with a reason, and known again afterwards', async (_name, behaviour, because) => {
    await inPlaceOfPostgres(behaviour)
    const jobs = postgresSystem(pool, localTable)
    const began = performance.now()
    const failure = await jobs.counts(AbortSignal.timeout(3000)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(FailureError)
    expect((failure as FailureError).failure).toMatchObject({
      tried: 'Count the jobs',
      because: expect.stringMatching(because),
    })
    expect((failure as FailureError).failure.kind).not.toBe('bug')
    expect(performance.now() - began).toBeLessThan(20_000)
    server.become(healthy())
    // The database is empty: that there is no table is what the real one says.
    await until(
      'Postgres itself answers',
      () =>
        jobs.counts(AbortSignal.timeout(5000)).then(
          () => true,
          (error: FailureError) => error.failure.kind === 'missing',
        ),
      15_000,
    )
  })
})

test('Postgres that ends between the login and the first statement is an error of that statement', async () => {
  await inPlaceOfPostgres({ kind: 'answers', bytes: Buffer.concat([authenticated, shutdown]) })
  for (let i = 0; i < 20; i++) {
    const error = await pool.transaction(1000, (db) => db.query('SELECT 1')).catch((thrown: unknown) => thrown)
    expect(isAway(error)).toBe(true)
    await expect(pool.query('SELECT 1')).rejects.toThrow()
  }
})

test('a message that arrives in any pieces is passed on whole, and bytes that are no messages never are', async () => {
  await inPlaceOfPostgres({ kind: 'closes' })
  const valid = fc.constantFrom(
    aColumn,
    Buffer.concat([aColumn, aRow]),
    shutdown,
    authenticated,
    message('S', 'a\0b\0'),
  )
  fc.assert(
    fc.property(fc.array(valid, { maxLength: 6 }), fc.array(fc.nat(300), { maxLength: 8 }), (messages, cuts) => {
      const all = Buffer.concat(messages)
      const split = messageSplitter()
      const at = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length]
      const passed = at.slice(1).map((end, i) => Buffer.from(split(all.subarray(at[i], end))))
      expect(Buffer.concat(passed)).toEqual(all)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const split = messageSplitter(1000)
      let passed = Buffer.alloc(0)
      try {
        passed = Buffer.from(split(Buffer.from(bytes)))
      } catch {
        return
      }
      for (let at = 0; at < passed.length; at += 1 + passed.readUInt32BE(at + 1))
        expect('RKSAZENCDTt123nsIGHWcdVv').toContain(String.fromCharCode(passed.readUInt8(at)))
    }),
  )
})
