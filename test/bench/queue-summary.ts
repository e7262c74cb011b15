// What it costs to know a queue of a million messages, first and ever after, against a script that reads everything.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { createQueues } from '../../electron/adapters/celery/queues/queues.ts'
import { job, type QueueStage, queueStage, signal } from '../adapters/celery/queue-stage.ts'
import { until } from '../support/until.ts'
import type { ReaderTold } from './queue-reader-main.ts'
import type { Table } from './run.ts'
import { stallWatch } from './stall-watch.ts'

const RUNS = 9
const BATCH = 1000

export async function queueSummary(quick = false): Promise<Table> {
  const messages = quick ? 100_000 : 1_000_000
  const on = await queueStage()
  const stall = await stallWatch(on.server.port)
  const rows: string[][] = []
  try {
    for (const different of [messages / 10, messages]) {
      await fill(on, messages, different)
      const jobs = `${different.toLocaleString('en')} jobs`
      const still = await told(on, 'script')
      await stall.worst()
      const ours = await told(on, 'unjam')
      const ourStall = await stall.worst()
      const theirs = await told(on, 'script')
      const theirStall = await stall.worst()
      const exact = ours.jobs === still.jobs && ours.messages === still.messages
      rows.push([
        `first reading, ${jobs}`,
        ms(ours.wall),
        mb(ours.extraMb),
        ms(ourStall),
        quick ? '' : '< 120 MB, stall ≤ 25 ms',
      ])
      rows.push(['  of it the longest single answer', ms(ours.longestCall), '', '', ''])
      rows.push([`  a script that reads everything, ${jobs}`, ms(theirs.wall), mb(theirs.extraMb), ms(theirStall), ''])
      rows.push([
        '  first reading : script',
        ratio(ours.wall, theirs.wall),
        ratio(ours.extraMb, theirs.extraMb),
        '',
        '',
      ])
      rows.push(['  same numbers as the script’s', exact ? 'yes' : 'no', '', '', 'yes'])
    }
    const script = await told(on, 'script')
    rows.push(...(await keptUp(on, script.wall)))
    rows.push(await whileWorked(on, () => stall.worst()))
    const title = `Knowing a queue of ${messages.toLocaleString('en')} messages, reader in a process of its own`
    return { title, columns: ['', 'wall', 'extra memory', 'longest stall of another client', 'target'], rows }
  } finally {
    await stall.end()
    await on.close()
  }
}

/** After the first reading: what one more answer costs, when nothing happened and when much did. */
async function keptUp(on: QueueStage, script: number): Promise<string[][]> {
  const queues = createQueues({
    source: on.source,
    app: on.app,
    consumersOf: () => null,
    consumed: () => [],
    change: () => undefined,
  })
  const answer = async () => {
    const start = performance.now()
    const [queue] = await queues.queues(signal)
    return { wall: performance.now() - start, whole: queue !== undefined && queue.read === queue.messages }
  }
  const medianOf = async (prepare: () => Promise<void>) => {
    const walls: number[] = []
    for (let i = 0; i < RUNS; i++) {
      await prepare()
      const { wall, whole } = await answer()
      if (!whole) throw new Error('a kept-up queue was read anew')
      walls.push(wall)
    }
    return walls.sort((a, b) => a - b)[RUNS >> 1] ?? 0
  }
  await until('the queue is read', async () => (await answer()).whole, 600_000)
  const idle = await medianOf(async () => undefined)
  const moved = await medianOf(async () => {
    await on.source.run('Bench', signal, (redis) => redis.rpop('celery', 1000))
    await on.push(0, ...Array.from({ length: 1000 }, (_, i) => job(i)))
  })
  const page = async (cursor: string | null) => {
    const start = performance.now()
    const { cursor: next } = await queues.messages(
      { system: 'bench', queue: 'celery', where: 'queue', limit: 100, cursor },
      signal,
    )
    return { wall: performance.now() - start, next }
  }
  const first = await page(null)
  const second = await page(first.next)
  const of = performance.now()
  const found = await queues.messagesOf('77', 100, signal)
  const ofWall = performance.now() - of
  queues.close()
  return [
    ['kept up, nothing happened (median)', ms(idle), '', '', ''],
    ['kept up, 1,000 taken and 1,000 added (median)', ms(moved), '', '', ''],
    ['  kept up : a script that reads everything', ratio(moved, script), '', '', '< 0.05'],
    ['first page of 100 · the next', `${ms(first.wall)} · ${ms(second.wall)}`, '', '', ''],
    [`the ${found.length} messages of one job`, ms(ofWall), '', '', ''],
  ]
}

/** A worker takes and a producer adds all the while: the numbers are those of the queue. */
async function whileWorked(on: QueueStage, worst: () => Promise<number>): Promise<string[]> {
  const working = new AbortController()
  const work = (async () => {
    while (!working.signal.aborted) {
      await on.pop()
      await on.push(0, job('newcomer'))
    }
  })()
  await worst()
  const ours = await told(on, 'unjam')
  const stalled = await worst()
  working.abort()
  await work
  return ['first reading while messages come and go', ms(ours.wall), mb(ours.extraMb), ms(stalled), 'stall ≤ 25 ms']
}

async function told(on: QueueStage, way: 'unjam' | 'script'): Promise<ReaderTold> {
  const main = join(import.meta.dirname, 'queue-reader-main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [main, on.server.url, way])
  return JSON.parse(stdout)
}

/** Each different job in turn: duplicates are spread over the whole queue. */
async function fill(on: QueueStage, messages: number, different: number): Promise<void> {
  await on.clear()
  const id = (n: number) => `${String(n).padStart(8, '0')}-36c8-4bb7-87ea-1ac0e6334e29`
  for (let from = 0; from < messages; from += BATCH)
    await on.push(0, ...Array.from({ length: BATCH }, (_, i) => job(id((from + i) % different))))
}

const ratio = (ours: number, theirs: number) => `${(ours / theirs).toFixed(2)} ×`
const mb = (value: number) => `${value.toFixed(0)} MB`
const ms = (value: number) =>
  value < 1000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1000).toFixed(2)} s`
