// A bundle goes out of one Unjam as a file and is replayed by another: any moment, nothing to change, over HTTP.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { packBundle } from '../../electron/adapters/bundle-file.ts'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import { serveBundle } from '../../electron/compose/serve-bundle.ts'
import { BUNDLE_VERSION, type Bundle } from '../../electron/contract/bundle.ts'
import { JobQuery } from '../../electron/contract/job.ts'
import { failureOf, request, signal } from '../support/acting.ts'
import { criticalFinding, memoryLog } from '../support/fake-api.ts'
import { openBundle } from '../support/open-bundle.ts'
import { recordPast } from '../support/recorded-past.ts'
import { ago, counts, HOUR, known, MINUTE, NOW, snapshot, system } from '../support/snapshot-builders.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
afterEach(folder.remove)
const now = Date.parse(NOW)
const finding = criticalFinding({ key: 'k', system: 'calls', since: ago(2 * HOUR) })

function stuck(): Bundle {
  const records = openRecords(':memory:')
  recordPast(records, now, 5)
  const counted = known(counts({ queued: 20, running: 1, done: 1069 }))
  return {
    ...{ format: 'unjam-bundle', version: BUNDLE_VERSION, made: NOW, by: '0.1.0', anonymous: false },
    ...{ from: ago(5 * HOUR), to: NOW, receipts: [] },
    snapshot: snapshot({ systems: [system({ counts: counted, queues: known([]) })], findings: [finding] }),
    moments: [...records.between(0, now + 1, 10_000)],
    findings: [{ at: ago(2 * HOUR), key: 'k', change: 'appeared', finding, until: null, by: null }],
  }
}

it('shows its end, and any moment before it with what was known then', async () => {
  const file = join(folder.path(), 'a.unjam')
  writeFileSync(file, packBundle(stuck()))
  const { api, close } = await openBundle(file)
  expect(api.archive.replay()).toMatchObject({ at: NOW })
  expect((await api.core.read(signal)).findings).toHaveLength(1)
  expect(api.archive.seek(ago(4 * HOUR))).toMatchObject({ at: ago(4 * HOUR) })
  const then = await api.core.read(signal)
  expect(then.findings).toEqual([])
  expect(then.systems[0]?.counts).toMatchObject({ status: 'known', value: { queued: 4, done: 1057 } })
  expect(then.systems[0]?.throughput).toMatchObject({ status: 'unknown', last: null })
  expect(then.systems[0]?.services).toBeNull()
  expect(api.archive.seek(ago(99 * HOUR))).toMatchObject({ at: ago(5 * HOUR) })
  const [calls] = api.archive.range({ from: ago(5 * HOUR), to: NOW, points: 30 }).systems
  expect(calls).toMatchObject({ lastDoneAt: ago(3 * HOUR), waits: true })
  expect(api.archive.moment(ago(HOUR + MINUTE)).findings).toHaveLength(1)
  await close()
})

it('refuses every change with a sentence', async () => {
  const file = join(folder.path(), 'a.unjam')
  writeFileSync(file, packBundle(stuck()))
  const { api, close } = await openBundle(file)
  const because = /record of the past/
  const asked = request({ action: 'retry-jobs', system: 'calls' })
  expect((await failureOf(api.core.preview(asked, signal))).because).toMatch(because)
  expect((await failureOf(api.core.execute(asked, '', { actor: 'x', via: 'api' }))).because).toMatch(because)
  expect((await failureOf(api.core.undo('r1', { actor: 'x', via: 'api' }))).because).toMatch(because)
  // A list that was not kept is not an empty list.
  expect(
    (await failureOf(api.core.page(JobQuery.parse({ system: 'calls', state: 'failed' }), signal))).because,
  ).toMatch(because)
  expect((await failureOf(api.machine.updateSettings({}))).because).toMatch(because)
  await close()
})

it('is served at an address of its own; a file that is no bundle is refused with a sentence', async () => {
  const served = await serveBundle(stuck(), { root: join(import.meta.dirname, '../..'), log: memoryLog() })
  const answer = await fetch(`http://127.0.0.1:${served.port}/api/snapshot`)
  expect(answer.status).toBe(401)
  await served.close()
  const file = join(folder.path(), 'no.unjam')
  writeFileSync(file, 'hello')
  await expect(openBundle(file)).rejects.toThrow('Open the bundle')
  await expect(openBundle(join(folder.path(), 'gone'))).rejects.toThrow('Open the bundle')
})
