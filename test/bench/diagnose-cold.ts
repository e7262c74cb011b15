// A cold `unjam diagnose` of three live systems, and from a worker's silence or death to the finding on the live feed.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { celeryWorker } from '../support/celery.ts'
import { cast, createCrawlTables, seedRuns } from '../support/crawl-tables.ts'
import { emptyDatabase } from '../support/postgres.ts'
import { qcServer, TOKEN } from '../support/qc-server.ts'
import { freshDataDir, runUnjam } from '../support/serving-host.ts'
import { MINUTE } from '../support/snapshot-builders.ts'
import { stackApp } from '../support/stack-app.ts'
import type { Table } from './run.ts'

const unjamMain = join(import.meta.dirname, '../../electron/unjam.mjs')

export async function diagnoseCold(quick: boolean): Promise<Table> {
  const app = await stackApp()
  const crawl = await emptyDatabase()
  await createCrawlTables(crawl.pool)
  await seedRuns(crawl.pool, cast)
  const qc = await qcServer('runbook', [
    { id: 'j', file: 'a.mov', status: 'running', progress: 15, stillMs: 10 * MINUTE },
  ])
  const crawlWorker = await celeryWorker({
    ...{ broker: app.redis.urlOf({ db: 2 }), app: 'crawl', queues: ['default', 'crawl'], name: 'crawler' },
    folder: join(import.meta.dirname, '../support/crawl-app'),
    env: { DATABASE_URL: crawl.url },
  })
  const worker = await app.worker({ STUCK_SECONDS: '900' }, { name: 'w1' })
  await app.add({ title: 'Waiting.m4a', seconds: 600, duration: 3780 })
  const dataDir = freshDataDir({
    systems: [
      {
        ...{ id: 'calls', kind: 'recordings', database: app.database.url, broker: app.redis.url },
        results: app.redis.urlOf({ db: 1 }),
      },
      { id: 'crawl', kind: 'crawl', database: crawl.url, broker: app.redis.urlOf({ db: 2 }) },
      { id: 'checks', kind: 'qc', url: qc.url, token: TOKEN },
    ],
  })
  const cold: number[] = []
  let findings = 0
  for (let n = 0; n < (quick ? 2 : 5); n++) {
    const began = performance.now()
    const { code, stdout, stderr } = await runUnjam(dataDir, ['diagnose', '--json'])
    cold.push(performance.now() - began)
    if (code !== 1) throw new Error(`diagnose ended with ${code}: ${stderr}`)
    findings = (JSON.parse(stdout) as { findings: unknown[] }).findings.length
  }
  const silence = await findingSeen(dataDir, ['worker-unreachable'], async () => worker.freeze())
  worker.resume()
  const death = await findingSeen(dataDir, ALONE, () => worker.kill())
  await crawlWorker.kill()
  await qc.close()
  await crawl.drop()
  await app.end()
  rmSync(dataDir, { recursive: true, force: true })
  const sorted = cold.toSorted((a, b) => a - b)
  const s = (ms: number | undefined) => `${((ms ?? 0) / 1000).toFixed(2)} s`
  return {
    title: `Diagnosis of three live systems, ${findings} findings`,
    columns: ['what', 'median', 'worst', 'target'],
    rows: [
      ['cold unjam diagnose', s(sorted[Math.floor(sorted.length / 2)]), s(sorted.at(-1)), '< 2.5 s'],
      // It keeps its connections: only three heartbeats that do not come (6 s) tell it from a busy machine.
      ['worker frozen → finding', s(silence), s(silence), '< 5 s over its 6 s'],
      ['worker killed → finding', s(death), s(death), '< 5 s, whatever the limit'],
    ],
  }
}

/** What may be said first when the only worker is gone. */
const ALONE = ['no-worker', 'worker-unreachable', 'queue-without-consumer', 'worker-not-consuming']

/** From what is done to a worker to the line of `diagnose --watch` with one of these rules. */
async function findingSeen(dataDir: string, rules: readonly string[], change: () => Promise<void>): Promise<number> {
  const args = [unjamMain, 'diagnose', '--system', 'calls', '--watch', '--json', '--data', dataDir]
  const watch = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ready = new Promise<void>((resolve) =>
    createInterface({ input: watch.stderr }).on('line', (line) => line.startsWith('Watching') && resolve()),
  )
  const seen = new Promise<number>((resolve) =>
    createInterface({ input: watch.stdout }).on('line', (line) => {
      const { change: what, finding } = JSON.parse(line) as { change: string; finding: { rule: string } }
      if (what !== 'standing' && what !== 'cleared' && rules.includes(finding.rule)) resolve(performance.now())
    }),
  )
  await ready
  const began = performance.now()
  await change()
  const at = await Promise.race([
    seen,
    new Promise<number>((_, late) => setTimeout(() => late(new Error('no finding within 60 s')), 60_000).unref()),
  ])
  const gone = new Promise((resolve) => watch.once('close', resolve))
  watch.kill('SIGTERM')
  await gone
  return at - began
}
