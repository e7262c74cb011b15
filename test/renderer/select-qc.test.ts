// What the screen says of a QC service: its dependencies in words, its percent as a bar, and retry only where it exists.
import { expect, test } from 'vitest'
import type { LiveState } from '../../renderer/live.ts'
import { actionsFor, taskOf } from '../../renderer/parts/action-list.ts'
import { shareOf } from '../../renderer/run-share.ts'
import { factGroups, headFacts } from '../../renderer/select-job.ts'
import { selectQc } from '../../renderer/select-qc.ts'
import { runModel } from '../../renderer/select-running.ts'
import { qcJob } from '../support/facts.ts'
import { known, MINUTE, NOW, runningJob, snapshot, system, unknown } from '../support/snapshot-builders.ts'

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

test('a running job says for how long it has stood still, up to now; one that nobody watched says nothing', () => {
  const later = now + 30_000
  expect(runModel(qcJob(17, 3, { stuck: true }), NOW, null, later).qc).toEqual({ stillMs: 3.5 * MINUTE })
  expect(runModel(qcJob(null, null, { stuck: true }), NOW, null, later).qc).toEqual({ stillMs: null })
  expect(shareOf(runModel(qcJob(null, null, { stuck: true }), NOW, null, now), '')).toEqual({
    percent: null,
    text: 'progress unknown',
  })
  expect(runModel(runningJob(), NOW, null, now).qc).toBeNull()
})

test('a run and a QC job have neither audio nor attempts, and their facts stand by source', () => {
  const job = { ...qcJob(17, 3), startedAt: NOW }
  const fact = (label: string, source: string) => ({ label, value: 'x', source })
  const facts = [fact('Source 9', 'results'), fact('id', 'jobs'), fact('status', 'jobs')]
  const detail = { job, attempts: [], facts, segmentCount: 0, playable: false }
  expect(headFacts(detail, 'qc', now).map(({ title }) => title)).toEqual(['Started', 'Added', 'Id'])
  expect(headFacts(detail, 'local', now).map(({ title }) => title)).toContain('Audio')
  expect(factGroups(detail, 'crawl').map((group) => group.length)).toEqual([1, 2])
  expect(factGroups(detail, 'recordings')).toEqual([facts])
})

test('a run that has not ended offers what the runbook says of its task', () => {
  const info = { id: 'revoke-task', title: 'Revoke tasks', target: 'task', risk: 'destructive', blocked: null } as const
  const run = { ...runningJob(), children: null, task: 'task-1' }
  expect(taskOf(run, [info])).toEqual({ title: 'Terminate its task', params: { by: 'job', terminate: 'true' } })
  expect(taskOf({ ...run, state: 'queued', waitingMs: 0 }, [info])?.params).toEqual({ by: 'job' })
  expect(taskOf({ ...run, state: 'done', endedAt: NOW, tookMs: 1, speed: null }, [info])).toBeNull()
  expect(taskOf(run, [])).toBeNull()
  expect(taskOf(runningJob(), [info])).toBeNull()
  expect(taskOf({ ...run, task: null }, [info])).toBeNull()
})

test('a running job is retried only by a QC service', () => {
  const info = (id: 'retry-jobs' | 'cancel-stuck' | 'cancel-job') =>
    ({ id, title: id, target: id === 'cancel-stuck' ? 'system' : 'jobs', risk: 'safe', blocked: null }) as const
  const ids = (...offered: Parameters<typeof info>[0][]) => actionsFor('running', offered.map(info)).map(({ id }) => id)
  expect(ids('retry-jobs', 'cancel-stuck')).toEqual(['retry-jobs'])
  expect(ids('retry-jobs', 'cancel-job')).toEqual(['cancel-job'])
})
