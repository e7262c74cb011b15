// What the screen says of a QC service: its dependencies in words, its percent as a bar, and retry only where it exists.
import { expect, test } from 'vitest'
import type { LiveState } from '../../renderer/live.ts'
import { actionsFor } from '../../renderer/parts/action-list.ts'
import { shareOf } from '../../renderer/run-share.ts'
import { selectQc } from '../../renderer/select-qc.ts'
import { runModel } from '../../renderer/select-running.ts'
import { qcJob } from '../support/facts.ts'
import { known, NOW, snapshot, system, unknown } from '../support/snapshot-builders.ts'

const now = Date.parse(NOW)
const state = (part: Parameters<typeof system>[0]): LiveState => ({
  snapshot: snapshot({ systems: [system({ id: 'qc', kind: 'qc', ...part })] }),
  clockAheadMs: 0,
  link: { state: 'open' },
})

test('dependencies in words; none for other systems; lost is said', () => {
  const dependencies = [
    { name: 'groq_api', state: 'ok' as const, detail: null },
    { name: 'google_oauth', state: 'down' as const, detail: 'Token expired' },
  ]
  expect(selectQc(state({ dependencies: known(dependencies) }), now, 'qc')?.dependencies.value).toEqual([
    { name: 'groq_api', level: 'clear', text: 'ok' },
    { name: 'google_oauth', level: 'critical', text: 'not ok: Token expired' },
  ])
  expect(selectQc(state({}), now, 'qc')).toBeNull()
  expect(selectQc(state({ dependencies: unknown(dependencies) }), now, 'qc')?.dependencies.lost).not.toBeNull()
})

test('a percent is a bar, beside what it last said', () => {
  const run = runModel(qcJob(17, 3, { step: 'Google Drive access denied' }), NOW, null, now)
  expect(shareOf(run, 'starting')).toEqual({ percent: 17, text: 'Google Drive access denied' })
})

test('a running job is retried only by a QC service', () => {
  const info = (id: 'retry-jobs' | 'cancel-stuck' | 'cancel-job') =>
    ({ id, title: id, target: id === 'cancel-stuck' ? 'system' : 'jobs', risk: 'safe', blocked: null }) as const
  const ids = (...offered: Parameters<typeof info>[0][]) => actionsFor('running', offered.map(info)).map(({ id }) => id)
  expect(ids('retry-jobs', 'cancel-stuck')).toEqual(['retry-jobs'])
  expect(ids('retry-jobs', 'cancel-job')).toEqual(['cancel-job'])
})
