// `unjam diagnose` of one system and as a watch: what stands, appears and clears, until Ctrl-C.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { changesOf } from '../../electron/cli/watch-findings.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import { startProcess } from '../support/child-process.ts'
import { qcServer, TOKEN } from '../support/qc-server.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { MINUTE } from '../support/snapshot-builders.ts'
import { until } from '../support/until.ts'
import { DiagnoseShape, FailureShape } from './shapes.ts'
import { json } from './unjam.ts'

const qc = await qcServer('runbook', [
  { id: 'j1', file: 'a.mov', status: 'running', progress: 15, stillMs: 10 * MINUTE },
])
const data = freshDataDir({
  systems: [
    { id: 'checks', kind: 'qc', url: qc.url, token: TOKEN },
    { id: 'away', kind: 'qc', url: 'http://127.0.0.1:1', token: TOKEN },
  ],
})
afterAll(async () => {
  await qc.close()
  rmSync(data, { recursive: true, force: true })
})

test('one system is diagnosed without the other, and exits by its own state', async () => {
  const { findings, systems } = await json(data, ['diagnose', '--system', 'checks'], DiagnoseShape, 1)
  expect(systems).toMatchObject([{ id: 'checks', kind: 'qc', counts: { running: 1 } }])
  expect(findings.map(({ system }) => system)).not.toContain('away')
  expect(findings.map(({ rule }) => rule)).toContain('qc-stage-stuck')
  const away = await json(data, ['diagnose', '--system', 'away'], DiagnoseShape, 2)
  expect(away.systems).toMatchObject([{ id: 'away', counts: { queued: null, running: null } }])
  const { failure } = await json(data, ['diagnose', '--system', 'nobody'], FailureShape, 4)
  expect(failure.kind).toBe('missing')
})

test('a watch says in lines what stands, clears and appears, and ends with Ctrl-C by what it saw last', async () => {
  const watch = startProcess(process.execPath, [
    join(import.meta.dirname, '../../electron/unjam.mjs'),
    ...['diagnose', '--system', 'checks', '--watch', '--json', '--data', data],
  ])
  const lines = () =>
    watch
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { change: string; finding: { rule: string; system: string } })
  const told = (change: string, from = 0) =>
    lines()
      .slice(from)
      .some((line) => line.change === change && line.finding.rule === 'qc-stage-stuck')
  await until('the stuck job stands', () => told('standing'))
  const first = lines().length
  for (const job of qc.jobs.values()) job.status = 'completed'
  await until('it clears', () => told('cleared', first))
  const second = lines().length
  qc.jobs.set('j2', { id: 'j2', file: 'b.mov', status: 'running', progress: 60, stillMs: 5 * MINUTE })
  await until('another appears', () => told('appeared', second))
  expect(new Set(lines().map(({ finding }) => finding.system))).toEqual(new Set(['checks']))
  watch.signal('SIGINT')
  expect(await watch.ended).toBe(1)
})

test('growing numbers are not a change; another severity, or other words, are', () => {
  const at = '2026-03-01T10:00:00.000Z'
  const life = { changed: null, acknowledged: null, snoozedUntil: null }
  const one = {
    ...{ key: 'k', rule: 'run-overdue', severity: 'warning', system: 'crawl', headline: 'For 31 min.' },
    ...{ explanation: '', since: at, evidence: [], notTheCause: [], remedies: [], places: [], life },
  } satisfies Finding as Finding
  expect(changesOf([one], [{ ...one, headline: 'For 32 min.' }], at)).toEqual([])
  expect(changesOf([one], [{ ...one, severity: 'critical' }], at)).toMatchObject([{ change: 'changed' }])
  const changed = { at, severity: 'warning', headline: 'For 31 min.' } as const
  expect(changesOf([one], [{ ...one, life: { ...life, changed } }], at)).toMatchObject([{ change: 'changed' }])
  expect(changesOf([one], [], at)).toMatchObject([{ change: 'cleared' }])
  expect(changesOf([], [one], at)).toMatchObject([{ change: 'appeared' }])
})
