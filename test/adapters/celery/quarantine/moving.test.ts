// Real Celery meanwhile: producer, worker and beat go on, and every message is run once or still in quarantine.
import { afterEach, expect, it } from 'vitest'
import type { Quarantined } from '../../../../electron/core/ports/broker.ts'
import { celeryBeat, celerySend, celeryWorker, type TestWorker } from '../../../support/celery.ts'
import { until } from '../../../support/until.ts'
import { ENQUEUE, job, PROCESS, type QueueStage, queueStage, signal } from '../queue-stage.ts'

const MESSAGES = 4000
const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

async function stage(): Promise<QueueStage & { broker: string }> {
  const on = await queueStage()
  open.push({ stop: on.close })
  return { ...on, broker: on.server.celeryUrl() }
}

async function hire(broker: string, concurrency: number): Promise<TestWorker> {
  const worker = await celeryWorker({ broker, results: null, concurrency })
  open.push(worker)
  return worker
}

/** Stops the worker, for only then its log is complete; task ids in the order it received them. */
async function received(worker: TestWorker) {
  await worker.stop()
  return [...worker.log().matchAll(/\[([0-9a-f-]{36})\] received/g)].map(([, id]) => id)
}
const idOf = (raw: string) => /"id": "([^"]+)/.exec(raw)?.[1] ?? ''

async function drained(on: QueueStage): Promise<void> {
  const empty = async () => (await on.waiting()).length === 0 && (await on.server.cli('hlen', 'unacked')) === '0'
  await until('the worker has taken everything', empty)
}

async function inQuarantine(on: QueueStage, what: Quarantined | null): Promise<string[]> {
  const keys = (await on.keys()).filter((key) => /^unjam:quarantine:\w+:celery:\d(:aside)?$/.test(key))
  expect(what?.lists.every(({ key }) => keys.includes(key)) ?? true).toBe(true)
  const lists = keys.map((key) => on.source.run('Test', signal, (redis) => redis.lrange(key, 0, -1)))
  return (await Promise.all(lists)).flat().map(idOf)
}

it('de-duplication and its undo, again and again, with a producer and a worker at full speed', async () => {
  const on = await stage()
  const worker = await hire(on.broker, 2)
  const pushed: string[] = []
  const producer = (async () => {
    // A message in each turn of the loop: as fast as a producer can be.
    for (let i = 0; i < MESSAGES; i++) {
      const raw = job(i % 400)
      pushed.push(raw)
      await on.push(i % 5 === 0 ? 3 : 0, raw)
    }
  })()
  let produced = false
  void producer.then(() => {
    produced = true
  })
  let undone = 0
  for (let round = 0; !produced; round++) {
    const moved = await on.quarantine.move('celery', 'duplicates', `r${round}`, signal)
    if (round % 2 === 0 && moved.moved > 0) undone += (await on.quarantine.restore(moved, signal)).restored
  }
  await producer
  await on.quarantine.move('celery', 'duplicates', 'last', signal)
  await drained(on)
  expect(undone).toBeGreaterThan(0)
  const ran = await received(worker)
  const kept = await inQuarantine(on, null)
  expect(new Set(ran).size, 'no message ran twice').toBe(ran.length)
  expect([...ran, ...kept].toSorted(), 'each ran, or is in quarantine').toEqual(pushed.map(idOf).toSorted())
  const jobs = await on.source.run('Test', signal, async (redis) => {
    const notes = redis.duplicate({ db: 15 })
    const done = await notes.lrange('done', 0, -1)
    notes.disconnect()
    return new Set(done)
  })
  expect(jobs.size, 'every job ran').toBe(400)
})

it('a purge that beat and a worker refill, and its undo: every message once, a job that waits again is listed', async () => {
  const on = await stage()
  const options = { broker: on.broker, results: null }
  const pending = Array.from({ length: 20 }, (_, i) => `e002b2e3-${i}`)
  await on.server.cli('-n', '15', 'sadd', 'pending', ...pending)
  // The one slot is held, and what waits piles up: runbook 0.
  const worker = await hire(on.broker, 1)
  const [long = ''] = await celerySend(options, { task: PROCESS, args: ['63 minutes'], kwargs: { seconds: 4 } })
  await worker.said(new RegExp(`${long}\\] received`))
  // It takes nothing more until the purge is over, however busy this machine is.
  worker.freeze()
  const old = await celerySend(
    options,
    { task: ENQUEUE, times: 73 },
    ...pending.map((id) => ({ task: PROCESS, args: [id] })),
  )
  await until('all wait', async () => (await on.waiting()).length >= 92)
  const moved = await on.quarantine.move('celery', 'all', 'purge', signal)
  worker.resume()
  const beat = await celeryBeat({ ...options, env: { ENQUEUE_SECONDS: '1' } })
  open.push(beat)
  // The long job ends, the enqueuer runs, the queue is refilled with the same jobs.
  await until('it is refilled', async () => (await on.waiting()).some((raw) => raw.includes('process_recording')))
  worker.freeze()
  await beat.stop()
  const undone = await on.quarantine.restore(moved, signal)
  expect(undone.restored + undone.left.length).toBe(moved.moved)
  expect(undone.left.length).toBeGreaterThan(0)
  for (const { because } of undone.left) expect(because).toMatch(/^job e002b2e3-\d+ is queued again$/)
  const waiting = await on.waiting()
  expect(new Set(waiting).size, 'no message waits twice').toBe(waiting.length)
  // A fast worker may have refilled twice before it was frozen: newcomers are its own, and what came back adds to none.
  const jobsOf = (raws: string[]) => raws.flatMap((raw) => /argsrepr": "\('(e002b2e3-\d+)/.exec(raw)?.[1] ?? [])
  const returned = jobsOf(waiting.filter((raw) => old.includes(idOf(raw))))
  const again = new Set(jobsOf(waiting.filter((raw) => !old.includes(idOf(raw)))))
  expect(
    returned.filter((one) => again.has(one)),
    'no job that waits again came back',
  ).toEqual([])
  expect(new Set(returned).size).toBe(returned.length)
  worker.resume()
  await on.server.cli('-n', '15', 'del', 'pending')
  await drained(on)
  const ran = await received(worker)
  expect(new Set(ran).size, 'no message ran twice').toBe(ran.length)
  const listed = new Set(undone.left.map(({ id }) => id))
  const mine = old.filter((id) => moved.lists.length > 0 && !listed.has(id))
  expect(
    mine.filter((id) => !ran.includes(id)),
    'all others ran',
  ).toEqual([])
})
