// Three ledgers side by side: runbook 1's 23 attempts against 4 recordings, runbook 0's queue, and silence about the unread.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job.ts'
import type { Message } from '../../electron/contract/queue.ts'
import type { TaskResult } from '../../electron/contract/task.ts'
import { type LedgerBooks, reconcile } from '../../electron/core/reconcile.ts'
import { queueDatabaseMismatch } from '../../electron/core/rules/queue-database-mismatch.ts'
import { facts, run } from '../support/facts.ts'
import { counts, known, runningJob, unknown } from '../support/snapshot-builders.ts'
import { fourFailed, results, task } from '../support/stack-builders.ts'

const queued = (id: string, waitingMs = 3_600_000): Job => ({
  ...{ system: 'calls', id, title: `${id}.m4a`, audioMs: null, retryCount: 0, createdAt: null },
  state: 'queued',
  waitingMs,
})
const message = (job: string | null, where: Message['where'] = 'queue'): Message => ({
  ...{ id: `m-${job}`, tag: null, task: 'app.worker.tasks.process_recording', job, args: '', retries: 0, eta: null },
  ...{ expires: null, priority: 0, position: 0, where, bytes: 900, origin: null, redelivered: false, seenMs: null },
  opaque: null,
})
const failure = (id: number, job: string | null): TaskResult => ({
  ...{ id: String(id), outcome: 'failed', task: null, job, jobFrom: null, exception: null, message: null },
  ...{ traceback: null, endedAt: null, worker: null, retries: null, expiresMs: null },
})
const books = (part: Partial<LedgerBooks> = {}, jobs: readonly Job[] = []): LedgerBooks => ({
  ...{ counts: counts(), messages: [], allMessages: true, periodic: 0, tasks: [], allTasks: true },
  ...{ results: results(), failures: [], enqueuedWithinMs: 270_000 },
  jobs: new Map(jobs.map((job) => [job.id, job])),
  ...part,
})
const kinds = (given: LedgerBooks) => reconcile(given).discrepancies.map(({ kind, count }) => [kind, count])

describe('attempts and jobs', () => {
  it('maps 23 failed attempts to 4 failed recordings', () => {
    const attempts = Array.from({ length: 23 }, (_, n) => failure(n, fourFailed[n % 4]!.id))
    const { attempts: mapped } = reconcile(
      books({ counts: counts({ failed: 4 }), results: results({ failed: 23 }), failures: attempts }, fourFailed),
    )
    expect(mapped).toMatchObject({ failedAttempts: 23, failedJobs: 4, unnamed: 0 })
    expect(mapped?.jobs.map((job) => [job.attempts, job.state])).toEqual([
      [6, 'failed'],
      [6, 'failed'],
      [6, 'failed'],
      [5, 'failed'],
    ])
    expect(mapped?.sentence).toBe(
      'Flower counts 23 failed attempts; the database has 4 failed jobs. 4 jobs account for all of them; believe the database.',
    )
  })
  it('counts apart what names no job, and says nothing when they cannot be read', () => {
    const some = books({
      results: results({ failed: 3 }),
      failures: [failure(1, 'a'), failure(2, null), failure(3, null)],
    })
    expect(reconcile(some).attempts).toMatchObject({ unnamed: 2, jobs: [{ id: 'a', attempts: 1 }] })
    expect(reconcile(books({ failures: null })).attempts).toBeNull()
  })
})

describe('disagreements', () => {
  it.each([
    ['a queued job without a message', books({}, [queued('a')]), [['queued-without-message', 1]]],
    [
      'a message of an ended job',
      books({ messages: [message(fourFailed[0]!.id)] }, fourFailed),
      [['leftover-message', 1]],
    ],
    ['a message of no job', books({ messages: [message('x')] }), [['message-of-nothing', 1]]],
    [
      'two messages of one job',
      books({ messages: [message('a'), message('a')] }, [queued('a')]),
      [['several-messages', 1]],
    ],
    ['a running job that nobody has', books({}, [runningJob()]), [['running-without-worker', 1]]],
    ['a worker on a queued job', books({ tasks: [task({ job: 'a' })] }, [queued('a')]), [['runs-unrecorded', 1]]],
    ['two workers on one job', books({ tasks: [task(), task({ id: 't2' })] }, [runningJob()]), [['running-twice', 1]]],
  ])('%s', (_what, given, found) => {
    expect(kinds(given)).toEqual(found)
  })

  it('of runbook 0 say that the enqueuers which wait will send what has no message', () => {
    const said = (periodic: number) =>
      reconcile(books({ periodic }, [queued('a'), queued('b')])).discrepancies[0]?.sentence
    expect(said(90)).toBe('2 queued jobs have no message: the enqueuer that waits sends them when a worker is free.')
    expect(said(0)).toBe('2 queued jobs have no message: nothing starts them until they are enqueued.')
  })

  it.each([
    ['the job was only just queued', books({}, [queued('a', 60_000)])],
    ['its message was prefetched', books({ messages: [message('a', 'unacked')] }, [queued('a')])],
    ['not every message was read', books({ allMessages: false }, [queued('a')])],
    ['the messages cannot be read', books({ messages: null }, [queued('a')])],
    ['a worker is silent', books({ allTasks: false }, [queued('a'), runningJob()])],
    ['the database cannot be read', books({ jobs: null, messages: [message('a')], tasks: [task()] })],
    ['Unjam’s own worker has it', books({}, [runningJob({ worker: 'server · 1' })])],
  ])('nothing is said when %s', (_why, given) => {
    expect(kinds(given)).toEqual([])
  })

  it('are of real jobs, counted exactly, whatever is in the ledgers; a ledger lost adds none', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const world = fc.record({
      jobs: fc.uniqueArray(fc.record({ id, state: fc.constantFrom('queued', 'running', 'failed') }), {
        selector: (j) => j.id,
      }),
      messages: fc.array(fc.record({ id, where: fc.constantFrom('queue' as const, 'unacked' as const) }), {
        maxLength: 8,
      }),
      active: fc.array(id, { maxLength: 4 }),
    })
    fc.assert(
      fc.property(world, ({ jobs, messages, active }) => {
        const make = (one: { id: string; state: string }): Job =>
          one.state === 'queued'
            ? queued(one.id)
            : one.state === 'running'
              ? runningJob({ id: one.id })
              : { ...fourFailed[0]!, id: one.id }
        const given = books(
          {
            messages: messages.map((one) => message(one.id, one.where)),
            tasks: active.map((job, n) => task({ id: `t${n}`, job })),
          },
          jobs.map(make),
        )
        const all = reconcile(given).discrepancies
        for (const one of all) {
          expect(new Set(one.jobs.map((job) => job.id)).size).toBe(one.count)
          expect(one.sentence).toMatch(/\.$/)
        }
        const named = new Set(all.map(({ kind }) => kind))
        for (const lost of [{ messages: null }, { tasks: null }, { allMessages: false }, { allTasks: false }])
          for (const { kind } of reconcile({ ...given, ...lost }).discrepancies) expect(named.has(kind)).toBe(true)
      }),
    )
  })
})

describe('queue-database-mismatch', () => {
  const at = (given: LedgerBooks) => facts({}, { ledgers: known({ system: 'calls', unread: [], ...reconcile(given) }) })
  it.each([
    ['everything agrees', at(books({ messages: [message('a')] }, [queued('a')]))],
    ['93 enqueuers wait for the busy worker (runbook 0)', at(books({ periodic: 90 }, [queued('a')]))],
    ['how many wait is unknown', at(books({ periodic: null }, [queued('a')]))],
    ['the ledgers cannot be read', facts({}, { ledgers: unknown(null) })],
  ])('stays silent when %s', (_why, given) => {
    expect(run(queueDatabaseMismatch, given)).toEqual([])
  })
  it('offers to enqueue what was lost, and to purge what is over', () => {
    expect(run(queueDatabaseMismatch, at(books({}, [queued('a'), queued('b')])))).toMatchObject([
      {
        severity: 'warning',
        headline: '2 queued jobs have no message. Nothing will start them.',
        remedies: [{ action: 'enqueue-now', ids: ['a', 'b'] }],
      },
    ])
    expect(run(queueDatabaseMismatch, at(books({ messages: [message(fourFailed[0]!.id)] }, fourFailed)))).toMatchObject(
      [
        {
          headline: 'Messages wait for 1 job that has ended. Workers would run it again.',
          remedies: [{ action: 'purge-queue' }],
        },
      ],
    )
  })
})
