// Crawl runs and QC jobs in a terminal: what each kind has and nothing else; where a run's task is; what is not listed.
import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { RunTree } from '../../electron/contract/run-tree.ts'
import { cast, createCrawlTables, idOf, seedRuns } from '../support/crawl-tables.ts'
import { emptyDatabase } from '../support/postgres.ts'
import { qcServer, TOKEN } from '../support/qc-server.ts'
import { redisServer } from '../support/redis.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { MINUTE } from '../support/snapshot-builders.ts'
import { JobsShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const database = await emptyDatabase()
await createCrawlTables(database.pool)
await seedRuns(database.pool, cast)
const redis = await redisServer({ persist: false })
const qc = await qcServer('runbook', [
  { id: 'j1', file: 'a.mov', status: 'running', progress: 62, stillMs: 10.5 * MINUTE, error: 'FFmpeg hangs' },
  { id: 'j2', file: 'b.mov', status: 'queued', progress: 0 },
])
const data = freshDataDir({
  systems: [
    { id: 'crawl', kind: 'crawl', database: database.url, broker: redis.url },
    { id: 'checks', kind: 'qc', url: qc.url, token: TOKEN },
  ],
})
afterAll(async () => {
  rmSync(data, { recursive: true, force: true })
  await qc.close()
  await redis.stop()
  await database.drop()
})

async function text(...args: string[]): Promise<string> {
  const ran = await unjam(['--data', data, ...args])
  expect(ran.code, ran.stderr).toBe(0)
  return ran.stdout
}

test('runs are a tree with the place of each task, as text and as a document', async () => {
  const { nodes } = await json(data, ['runs', '--system', 'crawl'], RunTree)
  const parent = nodes.find(({ run }) => run.id === idOf(9))
  expect(parent?.children.map(({ word }) => word)).toEqual(['completed', 'completed', 'failed'])
  const shown = (await text('runs', '--system', 'crawl')).split('\n')
  expect(shown.find((line) => line.includes(idOf(3)))).toMatch(/^Source 3 +running +7\d min +\S+ +task-3 +nowhere$/)
  expect(shown.find((line) => line.includes(idOf(9)))).toMatch(/^3 sources +running .* none +its own task has ended$/)
  expect(shown).toContainEqual(expect.stringMatching(/^ {2}Source 9 +failed$/))
})

test('one run says where its task is, and nothing of audio or attempts', async () => {
  const shown = await text('job', idOf(3), '--system', 'crawl')
  expect(shown).toMatch(/^where its task is +nowhere$/m)
  expect(shown).toMatch(/^task_id +task-3$/m)
  expect(shown).not.toMatch(/audio|retries|attempt|heartbeat/i)
})

test('a QC job says how far it is and for how long it stands still; jobs that are not listed hide no others', async () => {
  expect(await text('job', 'j1', '--system', 'checks')).toMatch(
    /^state +running \(62 %, last moved 10 min .*FFmpeg hangs\)$/m,
  )
  const listed = await unjam(['--data', data, '--json', 'jobs', '--system', 'checks'])
  expect(listed.stderr).toContain('Its queued jobs are not listed: the service lists no queued jobs, only how many.')
  expect(JobsShape.parse(JSON.parse(listed.stdout)).jobs.map(({ id }) => id)).toEqual(['j1'])
  const shown = await text('status')
  expect(shown).toMatch(/^running +progress +stands still/m)
  expect(shown).toMatch(/^a\.mov +62 % +10 min/m)
  expect(shown).toMatch(/^Source 3 +7\d min +task-3$/m)
})
