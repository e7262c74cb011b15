// The database goes away for a while: work goes on, is saved afterwards, and is fenced out where somebody took over.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { until } from '../support/until.ts'
import { type Stage, setStage } from './cast.ts'
import { configFor, hire, type Workplace, workplace } from './hired.ts'

/** A way to the database that can be cut. */
async function cable(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let up = true
  const server: Server = createServer((near) => {
    if (!up) return void near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(address.port)
  return {
    url: through.href,
    cut() {
      up = false
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      up = true
    },
    close() {
      up = false
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

let stage: Stage
let place: Workplace
beforeEach(async () => {
  stage = await setStage()
  place = workplace()
})
afterEach(async () => {
  place.clear()
  await stage.drop()
})
const words = everySecond(3)

test('chunks are transcribed through an outage longer than the lease and saved when it is over', async () => {
  const { engine, runs } = await scriptedEngine({ words, speed: 10 })
  const id = await stage.add('long', { file_path: await place.tone('long', 60) })
  const way = await cable(stage.url)
  const worker = hire(await configFor(place, way.url, engine, { drain: true }))
  await worker.hears('chunk')
  way.cut()
  const done = worker.said('chunk').length
  await until('two more chunks are done meanwhile', () => worker.said('chunk').length >= done + 2)
  expect((await stage.attempts(id))[0]!.saved).toBeLessThan(done + 2)
  await until(
    'the lease has run out',
    async () => (await stage.rows('SELECT expires_at < now() AS over FROM unjam.lease'))[0]!.over === true,
  )
  way.mend()
  expect(await worker.ended).toBe('drained')
  way.close()
  expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
  expect(await stage.attempts(id)).toMatchObject([{ number: 1, outcome: 'done', saved: 6 }])
  expect(runs().length).toBe(6)
  // Said once each time; two connections may lose and find it at different moments.
  const told = worker.log().flatMap((message) => /does not answer|answers again/.exec(message)?.[0] ?? [])
  expect(told.length).toBeGreaterThan(0)
  expect(told).toEqual(told.map((_, n) => (n % 2 === 0 ? 'does not answer' : 'answers again')))
  expect(told.at(-1)).toBe('answers again')
})

test('a worker cut off for so long that another took over stops its engine and writes nothing more', async () => {
  const { engine, runs } = await scriptedEngine({ words, speed: 10 })
  const id = await stage.add('long', { file_path: await place.tone('long', 60) })
  const way = await cable(stage.url)
  const cutOff = hire(await configFor(place, way.url, engine))
  await cutOff.hears('chunk')
  await until('it is saved', async () => (await stage.attempts(id))[0]!.saved === 1)
  way.cut()
  const other = workplace()
  const second = hire(await configFor(other, stage.url, engine, { drain: true }))
  await second.hears('started', 'long')
  const [before] = await stage.attempts(id)
  way.mend()
  await until('the first one notices', () => cutOff.log().some((message) => message.includes('taken over')))
  expect(await second.ended).toBe('drained')
  expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
  const attempts = await stage.attempts(id)
  expect(attempts[0]).toEqual(before)
  expect(attempts[0]).toMatchObject({ outcome: 'lost' })
  expect(attempts[1]).toMatchObject({ outcome: 'done' })
  expect(second.said('started')[0]!.resumedChunks).toBe(before!.saved)
  cutOff.abort()
  expect(await cutOff.ended).toBe('stopped')
  way.close()
  other.clear()
  expect(cutOff.said('done')).toEqual([])
  const rows = await stage.rows<{ text: string }>('SELECT text FROM unjam.segment ORDER BY n')
  expect(rows.flatMap(({ text }) => text.split(' '))).toEqual(Array.from({ length: 60 }, (_, i) => `word${i}`))
  expect(runs().length).toBeGreaterThanOrEqual(6)
})

test('a database that is not there yet is waited for; stopping meanwhile works', async () => {
  const { engine } = await scriptedEngine({ words })
  const way = await cable(stage.url)
  way.cut()
  const waiting = hire(await configFor(place, way.url, engine))
  await until('it says so', () => waiting.log().some((message) => message.includes('does not answer')))
  waiting.tell('stop')
  expect(await waiting.ended).toBe('stopped')
  const patient = hire(await configFor(place, way.url, engine, { drain: true }))
  await until('it says so', () => patient.log().some((message) => message.includes('does not answer')))
  way.mend()
  expect(await patient.ended).toBe('drained')
  way.close()
})
