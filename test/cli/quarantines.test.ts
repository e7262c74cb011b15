// `unjam quarantines` on a real Redis: what purge moved, until when, and nothing once it is undone.
import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { QuarantineEntry } from '../../electron/contract/queue.ts'
import { job, queueStage, signal } from '../adapters/celery/queue-stage.ts'
import { emptyDatabase } from '../support/postgres.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { json, unjam } from './unjam.ts'

const database = await emptyDatabase()
const on = await queueStage()
const data = freshDataDir({
  systems: [{ id: 'calls', kind: 'recordings', database: database.url, broker: on.server.url }],
})
afterAll(async () => {
  rmSync(data, { recursive: true, force: true })
  await on.close()
  await database.drop()
})

async function text(): Promise<string> {
  const ran = await unjam(['--data', data, 'quarantines', '--system', 'calls'])
  expect(ran.code, ran.stderr).toBe(0)
  return ran.stdout.trim()
}

test('lists what is kept, as text and as a document', async () => {
  expect(await text()).toBe('No messages in quarantine.')
  await on.push(0, job(1), job(2), job(1))
  const moved = await on.quarantine.move('celery', 'duplicates', 'r1', signal)
  const { until } = moved
  expect((await text()).split('\n')).toEqual([
    expect.stringMatching(/^receipt +queue +action +messages +kept until$/),
    expect.stringMatching(new RegExp(`^r1 +celery +de-duplicate +1 +${until}$`)),
  ])
  const args = ['quarantines', '--system', 'calls']
  const kept = { operation: 'r1', queue: 'celery', rule: 'duplicates', messages: 1, until }
  expect(await json(data, args, z.array(QuarantineEntry))).toEqual([kept])
  await on.quarantine.restore(moved, signal)
  expect(await json(data, args, z.array(QuarantineEntry))).toEqual([])
}, 60_000)
