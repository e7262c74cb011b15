// Row, messages, tasks and attempts of one job: each mismatch has a sentence, and unread ledgers prove nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job, JobState } from '../../electron/contract/job.ts'
import type { Message } from '../../electron/contract/queue.ts'
import type { Task, TaskResult } from '../../electron/contract/task.ts'
import { type Ledgers, mismatchesOf } from '../../electron/core/ledgers.ts'

const base = { system: 'calls', id: 'j', title: 'j.m4a', audioMs: null, retryCount: null, createdAt: null }
function job(state: JobState, worker: string | null = null): Job {
  switch (state) {
    case 'queued':
      return { ...base, state, waitingMs: null }
    case 'running':
      return {
        ...base,
        state,
        phase: 'active',
        startedAt: null,
        elapsedMs: null,
        heartbeatAgeMs: null,
        worker,
        progress: null,
      }
    case 'done':
      return { ...base, state, endedAt: null, tookMs: null, speed: null }
    case 'failed':
      return { ...base, state, endedAt: null, error: null }
    case 'skipped':
      return { ...base, state, endedAt: null, reason: null }
  }
}
function message(where: Message['where']): Message {
  return {
    id: 'm',
    tag: 't',
    task: 'process_recording',
    job: 'j',
    args: "('j',)",
    retries: 0,
    eta: null,
    expires: null,
    priority: 0,
    position: 0,
    where,
    bytes: 900,
    origin: null,
    redelivered: false,
    seenMs: null,
    opaque: null,
  }
}
function task(state: Task['state'], worker = 'w1@h'): Task {
  return {
    id: 'm',
    name: 'process_recording',
    job: 'j',
    worker,
    state,
    startedAt: null,
    elapsedMs: null,
    eta: null,
    queue: 'celery',
    args: "('j',)",
    timeLimitMs: null,
    redelivered: false,
  }
}
function result(outcome: TaskResult['outcome']): TaskResult {
  return {
    id: 'r',
    outcome,
    task: null,
    job: 'j',
    jobFrom: 'result',
    exception: null,
    message: null,
    traceback: null,
    endedAt: null,
    worker: null,
    retries: null,
    expiresMs: null,
  }
}
const kinds = (of: Job, ledgers: Partial<Ledgers>) =>
  mismatchesOf(of, { messages: [], tasks: [], results: [], ...ledgers }).map(({ kind }) => kind)

describe('a mismatch', () => {
  it.each<[string, Job, Partial<Ledgers>, string[]]>([
    ['queued with its message', job('queued'), { messages: [message('queue')] }, []],
    ['queued and nowhere', job('queued'), {}, ['queued-without-message']],
    ['queued, prefetched', job('queued'), { messages: [message('unacked')], tasks: [task('reserved')] }, []],
    ['queued, and it runs', job('queued'), { tasks: [task('active')] }, ['runs-unrecorded']],
    ['failed, and it runs', job('failed'), { tasks: [task('active')] }, ['runs-unrecorded']],
    ['running on a worker', job('running'), { tasks: [task('active')] }, []],
    ['running on nobody', job('running'), {}, ['running-without-worker']],
    ['a parent whose children run', { ...job('running'), children: { total: 2, active: 1, failed: 0 } }, {}, []],
    ["running on Unjam's own worker", job('running', 'unjam-1'), {}, []],
    ['running on two', job('running'), { tasks: [task('active'), task('active', 'w2@h')] }, ['running-twice']],
    ['done with a message', job('done'), { messages: [message('queue')] }, ['leftover-message']],
    ['two messages', job('queued'), { messages: [message('queue'), message('queue')] }, ['several-messages']],
    ['six attempts, one failed job', job('failed'), { results: Array(6).fill(result('failed')) }, ['attempts-vs-job']],
    ['one attempt, one failed job', job('failed'), { results: [result('failed')] }, []],
    ['failed, though an attempt succeeded', job('failed'), { results: [result('done')] }, ['done-but-failed']],
  ])('%s', (_, of, ledgers, expected) => {
    expect(kinds(of, ledgers)).toEqual(expected)
  })

  it('is told in words with its numbers', () => {
    const [found] = mismatchesOf(job('failed'), { messages: [], tasks: [], results: Array(6).fill(result('failed')) })
    expect(found?.sentence).toBe('6 attempts failed; they are one failed job.')
  })
})

describe('of any ledgers', () => {
  const jobs = fc
    .constantFrom(...(['queued', 'running', 'done', 'failed', 'skipped'] as const))
    .map((state) => job(state))
  const some = <T>(one: fc.Arbitrary<T>) => fc.option(fc.array(one, { maxLength: 4 }))
  const ledgers = fc.record({
    messages: some(fc.constantFrom('queue' as const, 'unacked' as const).map(message)),
    tasks: some(
      fc
        .tuple(
          fc.constantFrom('active' as const, 'reserved' as const, 'scheduled' as const),
          fc.constantFrom('w1@h', 'w2@h'),
        )
        .map(([s, w]) => task(s, w)),
    ),
    results: some(
      fc.constantFrom('running' as const, 'retried' as const, 'done' as const, 'failed' as const).map(result),
    ),
  })

  it('each mismatch is one sentence, once', () => {
    fc.assert(
      fc.property(jobs, ledgers, (of, read) => {
        const found = mismatchesOf(of, read)
        expect(new Set(found.map(({ kind }) => kind)).size).toBe(found.length)
        for (const { sentence } of found) expect(sentence).toMatch(/^[A-Z0-9].*\.$/)
      }),
    )
  })

  it('unread ones prove nothing: leaving one out never adds a mismatch', () => {
    fc.assert(
      fc.property(
        jobs,
        ledgers,
        fc.constantFrom('messages' as const, 'tasks' as const, 'results' as const),
        (of, read, name) => {
          const all = mismatchesOf(of, read).map(({ kind }) => kind)
          for (const { kind } of mismatchesOf(of, { ...read, [name]: null })) expect(all).toContain(kind)
        },
      ),
    )
    expect(mismatchesOf(job('queued'), { messages: null, tasks: null, results: null })).toEqual([])
  })
})
