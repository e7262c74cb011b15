// Three ledgers side by side: runbook 1's 23 attempts against 4 recordings, runbook 0's queue, and silence about the unread.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job.ts'
import type { LedgerBooks } from '../../electron/core/ledger-books.ts'
import { reconcile } from '../../electron/core/reconcile.ts'
import { books, failure, message, queued } from '../support/ledger-builders.ts'
import { counts, runningJob } from '../support/snapshot-builders.ts'
import { fourFailed, results, task } from '../support/stack-builders.ts'

const runs = runningJob()
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
    [
      'a message of a job that runs',
      books({ messages: [message(runs.id)], tasks: [task()] }, [runs]),
      [['message-of-running', 1]],
    ],
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
    [
      'its message waits and it has only just begun',
      books({ messages: [message(runs.id)], tasks: [task()] }, [{ ...runs, elapsedMs: 2000 }]),
    ],
    [
      'its message was given back after its worker died',
      books({ messages: [message(runs.id)], tasks: [task()] }, [{ ...runs, heartbeatAgeMs: 3_600_000 }]),
    ],
    [
      'it runs with its own message unacknowledged',
      books({ messages: [message(runs.id, 'unacked')], tasks: [task()] }, [runs]),
    ],
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
