// What moving messages costs: purge, de-duplication and their undo, against `celery purge` and a plain script, in one run.
import { execFile } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Redis } from '../../electron/adapters/celery/redis/connect.ts'
import { job, type QueueStage, queueStage, signal } from '../adapters/celery/queue-stage.ts'
import { celeryCommand } from '../support/celery.ts'
import type { Table } from './run.ts'
import { stallWatch } from './stall-watch.ts'

/** Of the protocol reference §6.3, measured on another machine with 1,000,000 messages of 874 bytes. */
const REFERENCE = { lua: 5080, node: 6990, sparse: 5910 }

export async function queueActions(quick = false): Promise<Table> {
  const messages = quick ? 100_000 : 1_000_000
  const on = await queueStage()
  const stall = await stallWatch(on.server.port)
  const rows: string[][] = []
  async function row(name: string, target: string, work: () => Promise<unknown>): Promise<number> {
    await stall.worst()
    const start = performance.now()
    await work()
    const wall = performance.now() - start
    rows.push([name, ms(wall), ms(await stall.worst()), target])
    return wall
  }
  const { quarantine } = on
  const move = (rule: 'all' | 'duplicates', operation: string) => quarantine.move('celery', rule, operation, signal)
  const reference = (wall: number) => (quick ? '' : `≤ ${ms(1.5 * wall)}, stall ≤ 25 ms`)
  try {
    await fill(on, messages, messages / 10)
    // What the machine and the measuring make of it.
    await row('nobody works', '', () => delay(6000))
    await row('preview of a purge', '', () => quarantine.plan('celery', 'all', signal))
    let purged = await move('all', 'warm')
    await quarantine.restore(purged, signal)
    const purge = await row('purge', '≤ 20 ms', async () => {
      purged = await move('all', 'purge')
    })
    await row('undo of the purge', '≤ 20 ms', () => quarantine.restore(purged, signal))
    await row('preview of a de-duplication', '', () => quarantine.plan('celery', 'duplicates', signal))
    let moved = purged
    const staged = await row('de-duplication, 10 % different jobs', reference(REFERENCE.lua), async () => {
      moved = await move('duplicates', 'ten')
    })
    await row('undo of it, in the very order', 'stall ≤ 25 ms', () => quarantine.restore(moved, signal))
    const script = await row('  a script that reads and rewrites (Node)', '', () =>
      on.source.run('Bench', signal, rewrite),
    )
    await fill(on, messages, messages / 10)
    const python = await row('  the same in Python, as in runbook 2', '', () => pythonScript(on.server.url))
    await fill(on, messages, (messages * 9) / 10)
    await row('de-duplication, 90 % different jobs', reference(REFERENCE.sparse), () => move('duplicates', 'ninety'))
    await fill(on, messages, messages)
    const celery = await row('  celery purge', '', () =>
      celeryCommand({ broker: on.server.celeryUrl() }, 'purge', '--force'),
    )
    const ratio = (ours: number, theirs: number) => `${(ours / theirs).toFixed(2)} ×`
    rows.push(['purge : celery purge', ratio(purge, celery), '', '< 1'])
    rows.push(['de-duplication : script in Node', ratio(staged, script), '', '< 1'])
    rows.push(['de-duplication : script in Python', ratio(staged, python), '', '< 1'])
    if (!quick) {
      rows.push(['de-duplication : reference, staged Lua', ratio(staged, REFERENCE.lua), '', '≤ 1.5'])
      rows.push(['de-duplication : reference, staged Node', ratio(staged, REFERENCE.node), '', '≤ 1.5'])
    }
    const title = `Moving messages of a queue of ${messages.toLocaleString('en')}, one process of Unjam`
    return { title, columns: ['', 'wall', 'longest stall of another client', 'target'], rows }
  } finally {
    await stall.end()
    await on.close()
  }
}

/** Each different job in turn: duplicates are spread over the whole queue. */
async function fill(on: QueueStage, messages: number, different: number): Promise<void> {
  await on.clear()
  const batch = 2000
  const id = (n: number) => `${String(n).padStart(8, '0')}-36c8-4bb7-87ea-1ac0e6334e29`
  for (let from = 0; from < messages; from += batch)
    await on.push(0, ...Array.from({ length: batch }, (_, i) => job(id((from + i) % different))))
}

/** What one would write: page by page, parse, keep the first of each, write the kept ones, swap. Not safe while workers run. */
async function rewrite(redis: Redis): Promise<void> {
  const seen = new Set<string>()
  const length = await redis.llen('celery')
  for (let at = 0; at < length; at += 1000) {
    const kept: string[] = []
    for (const raw of (await redis.lrange('celery', -(at + 1000), -(at + 1))).reverse()) {
      const [args] = JSON.parse(Buffer.from(JSON.parse(raw).body, 'base64').toString())
      if (seen.has(args[0])) continue
      seen.add(args[0])
      kept.push(raw)
    }
    if (kept.length > 0) await redis.lpush('rewritten', ...kept)
  }
  await redis.rename('rewritten', 'celery')
}

async function pythonScript(url: string): Promise<void> {
  const program = `
import base64, json, redis, sys
r = redis.Redis.from_url(sys.argv[1])
seen, n = set(), r.llen("celery")
for at in range(0, n, 1000):
    kept = []
    for raw in reversed(r.lrange("celery", -(at + 1000), -(at + 1))):
        job = json.loads(base64.b64decode(json.loads(raw)["body"]))[0][0]
        if job not in seen:
            seen.add(job)
            kept.append(raw)
    if kept:
        r.lpush("rewritten", *kept)
r.rename("rewritten", "celery")`
  await promisify(execFile)('/usr/bin/python3', ['-c', program, url])
}

const ms = (value: number) =>
  value < 1000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1000).toFixed(2)} s`
