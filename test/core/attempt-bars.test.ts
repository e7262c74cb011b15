// A stack's attempts as bars: every try in the log is one, and what the log has forgotten comes from the rows.
import { expect, it } from 'vitest'
import type { DoneJob } from '../../electron/contract/job.ts'
import { stackBars, workerIn } from '../../electron/core/attempt-bars.ts'
import { emptyLog, type LoggedAttempt } from '../../electron/core/worker-log.ts'
import { ago, HOUR, MINUTE, NOW, runningJob } from '../support/snapshot-builders.ts'
import { celeryWorker, fourFailed, service } from '../support/stack-builders.ts'

const attempt = (task: string, part: Partial<LoggedAttempt>): LoggedAttempt => ({
  ...{ task, name: 'app.worker.tasks.process_recording', container: 'app-worker-1', job: null, outcome: 'done' },
  ...{ receivedAt: null, startedAt: ago(HOUR), endedAt: NOW, steps: [], audioMs: null, error: null },
  ...part,
})
const log = (...all: LoggedAttempt[]) => ({ ...emptyLog, attempts: new Map(all.map((one) => [one.task, one])) })
const done = (id: string, tookMs: number | null): DoneJob => ({
  ...{ system: 'calls', id, title: `${id}.m4a`, audioMs: 4 * MINUTE, retryCount: 0, createdAt: null, state: 'done' },
  ...{ endedAt: NOW, tookMs, speed: null },
})

it('draws the 63-minute recording from its start, and each killed try of runbook 1', () => {
  const long = runningJob()
  const [victim] = fourFailed
  const bars = stackBars(
    log(
      attempt('t1', { job: victim!.id, outcome: 'retried', startedAt: ago(5 * HOUR), endedAt: ago(4.5 * HOUR) }),
      attempt('t2', { job: victim!.id, outcome: 'failed', startedAt: ago(4 * HOUR), endedAt: ago(3.5 * HOUR) }),
      attempt('t3', { job: long.id, outcome: 'running', startedAt: ago(3 * HOUR), endedAt: null }),
      attempt('t4', { outcome: 'done' }),
      attempt('t5', { job: 'x', outcome: 'waiting', startedAt: null }),
    ),
    [long, ...fourFailed],
  )
  expect(bars.map(({ title, worker, outcome, audioMs }) => [title, worker, outcome, audioMs])).toEqual([
    [victim!.title, 'app-worker-1', 'failed', 61 * MINUTE],
    [victim!.title, 'app-worker-1', 'failed', 61 * MINUTE],
    [long.title, 'app-worker-1', 'running', 63 * MINUTE],
  ])
})

it('takes done jobs from their rows once, with no worker guessed', () => {
  const bars = stackBars(log(attempt('t1', { job: 'a' })), [done('a', HOUR), done('b', 10 * MINUTE), done('c', null)])
  expect(bars.map(({ job, worker, startedAt }) => [job, worker, startedAt])).toEqual([
    ['a', 'app-worker-1', ago(HOUR)],
    ['b', 'worker unknown', ago(10 * MINUTE)],
  ])
  expect(stackBars(null, [])).toEqual([])
})

it('puts the attempts of a container beside the worker in it, and guesses among none', () => {
  const services = [
    service({ container: 'app-worker-1', id: '0123456789ab' }),
    service({ container: 'app-worker-2', id: 'ba9876543210' }),
  ]
  const workers = ['0123456789ab', 'ba9876543210'].map((host) => celeryWorker({ name: `celery@${host}`, host }))
  expect(workerIn('app-worker-2', services, workers)).toBe('celery@ba9876543210')
  expect(workerIn('app-worker-9', services, workers)).toBe('app-worker-9')
  expect(workerIn('app-worker-1', null, [celeryWorker({ name: 'celery@alone', host: 'alone' })])).toBe('celery@alone')
  expect(workerIn('app-worker-1', null, null)).toBe('app-worker-1')
})
