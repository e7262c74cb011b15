// What the ledgers and the time limits say in the fixture: runbook 1's four, 23 attempts, a limit of 1800 s.
import type { LimitReport, Reconciliation } from '../../electron/contract/proof.ts'
import { adviceOn, lengthsThatFit, limitChoices, limitsToShow } from '../../electron/core/limit-report.ts'
import { memoryLengths } from '../support/memory-lengths.ts'

const MINUTE = 60_000
const speed = { median: 0.6, low: 0.52, high: 0.69, samples: 48 }
const failed = [61, 68, 60, 38]
const queued = [3, 4, 5, 7, 12, 22, 31, 44]

export function limitsOf(system: string): LimitReport {
  const limits = limitsToShow(1800)
  const lengths = memoryLengths({ queued, running: [63], failed }, lengthsThatFit(limits, speed))
  const choices = limitChoices(limits, speed, lengths, 1800)
  const done = Array.from({ length: 48 }, (_, n) => {
    const audio = 1 + ((n * 7) % 17) + (n % 5) / 3
    return {
      ...{ id: `done-${n}`, title: `Call recording ${5400 + n}.m4a`, state: 'done' as const },
      ...{ audioMs: audio * MINUTE, wallMs: (audio / 0.6) * MINUTE * (0.85 + ((n * 13) % 10) / 30) },
    }
  })
  const killed = failed.map((audio, n) => ({
    ...{ id: `failed-${n}`, title: `Call recording ${3014 + n}.m4a`, state: 'failed' as const },
    ...{ audioMs: audio * MINUTE, wallMs: (audio / 0.6) * MINUTE },
  }))
  return {
    system,
    speed,
    currentSeconds: 1800,
    states: lengths.map(({ over: _over, ...rest }) => rest),
    choices,
    advice: adviceOn(choices, lengths, speed, true),
    points: [...done, ...killed],
  }
}

export function reconciliationOf(system: string): Reconciliation {
  return {
    system,
    numbers: [
      { ledger: 'database', label: 'Queued jobs', value: 20 },
      { ledger: 'database', label: 'Running jobs', value: 1 },
      { ledger: 'database', label: 'Done jobs', value: 1069 },
      { ledger: 'database', label: 'Failed jobs', value: 4 },
      { ledger: 'broker', label: 'Messages for jobs', value: 3 },
      { ledger: 'broker', label: 'Messages of periodic tasks', value: 90 },
      { ledger: 'broker', label: 'Taken, not acknowledged', value: 1 },
      { ledger: 'workers', label: 'Tasks at work', value: 1 },
      { ledger: 'workers', label: 'Tasks held for later', value: null },
      { ledger: 'attempts', label: 'Failed attempts (Flower)', value: 23 },
      { ledger: 'attempts', label: 'Done attempts', value: 212 },
    ],
    agreements: ['1 running job: each has its worker.'],
    discrepancies: [
      {
        kind: 'queued-without-message',
        sentence: '17 queued jobs have no message: nothing starts them until they are enqueued.',
        count: 17,
        jobs: [
          { id: 'queued-1', title: 'Call recording 5454_210513_101112.m4a' },
          { id: 'queued-2', title: 'Call recording 5454_210513_101501.m4a' },
        ],
      },
    ],
    attempts: {
      failedAttempts: 23,
      failedJobs: 4,
      sentence:
        'Flower counts 23 failed attempts; the database has 4 failed jobs. 4 jobs account for 22 of them; believe the database.',
      jobs: failed.map((_, n) => ({
        ...{ id: `failed-${n}`, title: `Call recording ${3014 + n}.m4a` },
        ...{ attempts: n < 2 ? 6 : 5, state: 'failed' },
      })),
      unnamed: 1,
    },
    unread: [],
  }
}
