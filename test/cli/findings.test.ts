// `unjam findings` between commands, each its own core: what was found and said is there in the next one.
import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { Finding } from '../../electron/contract/finding.ts'
import { FindingEpisode } from '../../electron/contract/finding-life.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { FailureShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const data = freshDataDir({ systems: [{ id: 'away', kind: 'qc', url: 'http://127.0.0.1:1', token: 'x' }] })
afterAll(() => rmSync(data, { recursive: true, force: true }))

const list = async () => (await json(data, ['findings'], z.object({ findings: z.array(FindingEpisode) }))).findings

test('found by one command, snoozed, acknowledged and woken by others, and never a second beginning', async () => {
  expect(await list()).toEqual([])
  await json(data, ['diagnose'], z.unknown(), 2)
  const [found] = await list()
  const key = found?.key ?? ''
  expect(found).toMatchObject({ rule: 'source-unreachable', system: 'away', clearedAt: null })
  const snoozed = await json(data, ['findings', 'snooze', key, '--minutes', '90'], Finding)
  const minutes = (Date.parse(snoozed.life?.snoozedUntil ?? '') - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(85)
  expect(minutes).toBeLessThanOrEqual(90)
  const acknowledged = await json(data, ['findings', 'acknowledge', key], Finding)
  expect(acknowledged).toMatchObject({ since: found?.since, life: { snoozedUntil: snoozed.life?.snoozedUntil } })
  expect((await json(data, ['findings', 'wake', key], Finding)).life).toMatchObject({
    ...{ acknowledged: null, snoozedUntil: null },
  })
  await json(data, ['diagnose'], z.unknown(), 2)
  const [after, ...more] = await list()
  expect(more).toEqual([])
  expect(after).toMatchObject({ since: found?.since, clearedAt: null })
  expect(after?.changes.map(({ change }) => change)).toEqual(['appeared', 'snoozed', 'acknowledged', 'woken'])
  const text = await unjam(['findings', '--data', data])
  expect([text.code, text.stdout]).toEqual([0, expect.stringContaining(key)])
})

test('a finding that is not there and wrong usage are said', async () => {
  const { failure } = await json(data, ['findings', 'wake', 'nothing'], FailureShape, 4)
  expect(failure.because).toBe('there is no such finding (any more)')
  expect((await unjam(['findings', 'snooze', '--data', data])).code).toBe(64)
  expect((await unjam(['findings', 'forget', 'x', '--data', data])).code).toBe(64)
  expect((await unjam(['findings', 'snooze', 'x', '--minutes', '1', '--data', data])).code).toBe(64)
})
