// What a rule may know: one system's readings, the machine beside it, and how long things have been so.
import type { Instant } from '../contract/failure.ts'
import type { Evidence, Finding, RuleId } from '../contract/finding.ts'
import type { FailedJob, QueuedJob, RunningJob, SystemKind } from '../contract/job.ts'
import type { Reconciliation } from '../contract/proof.ts'
import type { QcTexts } from '../contract/qc-texts.ts'
import type { LocalHost, Reading, SystemSnapshot } from '../contract/snapshot.ts'
import type { BeatFacts } from './beat.ts'
import type { Delivery, PendingRepair } from './ports/broker.ts'
import type { Interrupted } from './ports/history.ts'
import type { Room } from './ports/local.ts'
import type { Trend } from './trend.ts'
import type { RunFacts } from './watch-runs.ts'
import type { LogFacts } from './worker-log.ts'

/** The queue: how long the oldest job has waited, how long the next ones are, and the longest of all. */
export interface Backlog {
  readonly oldestWaitingMs: number | null
  /** Mean audio of the next jobs whose length is known. */
  readonly meanAudioMs: number | null
  /** null where no length is known. */
  readonly longest: Pick<QueuedJob, 'id' | 'title' | 'audioMs'> | null
}

export interface Facts {
  /** The core's own clock: compared with ages of readings only, never with a database's time. */
  readonly now: Instant
  readonly system: SystemSnapshot
  /** null where the system has no worker supervised by this machine. */
  readonly host: LocalHost | null
  readonly backlog: Reading<Backlog>
  /** The latest failed jobs, newest first, at most 200. */
  readonly failures: Reading<readonly FailedJob[]>
  /** Of the stack's workers; null where no stack is configured. */
  readonly log: Reading<LogFacts> | null
  /** Of crawl runs; null where jobs need no message of their own. */
  readonly runs: Reading<RunFacts> | null
  /** Of the scheduler that refills the queue; null where the system has none. */
  readonly beat: Reading<BeatFacts> | null
  /** Database, broker and workers side by side; null where there is no broker. */
  readonly ledgers: Reading<Reconciliation> | null
  /** How the broker hands out messages; null where none is configured. */
  readonly delivery: Reading<Delivery> | null
  /** Disk and memory of this machine, where the system runs on it; null elsewhere. */
  readonly room: Room | null
  readonly trend: Trend
  /** Changes by Unjam that were interrupted and have no receipt yet. */
  readonly interrupted: readonly Interrupted[]
  /** Repairs of containers that have not been possible so far, each a sentence. */
  readonly repairs: readonly string[]
  /** Messages that an interrupted change has taken out of their queue. */
  readonly setAside: readonly PendingRepair[]
  /** What operators of this system are told beside a finding; null where nothing is configured. */
  readonly texts: QcTexts | null
  /** Of the system's limits when they could be read, else of the settings. */
  readonly heartbeatLimitMs: number
  /** How often a healthy job beats: 30 s by Unjam's worker (DESIGN §7), 2 min in the stack (runbook 2). */
  readonly beatMs: number
  /** Audio per chunk after which the local worker lets others in; null where jobs are never parked. */
  readonly chunkMs: number | null
}

/** One runbook paragraph as one pure function. */
export interface Rule {
  readonly id: RuleId
  /** Kinds of systems that it can judge; absent: all. */
  readonly kinds?: readonly SystemKind[]
  /** File and line of the runbook it comes from. */
  readonly runbook: string
  diagnose(facts: Facts): readonly Finding[]
}

/** The value now, or null: what was last known is not what is. */
export function now<T>(reading: Reading<T>): T | null {
  return reading.status === 'known' ? reading.value : null
}

/** How old a known reading is by the core's clock, ms: ages that the database computed have grown by that. */
export function readAgo(facts: Facts, reading: Reading<unknown>): number {
  return reading.status === 'known' ? Math.max(0, Date.parse(facts.now) - Date.parse(reading.at)) : 0
}

/** Running jobs with their ages as of now; null when they cannot be read. */
export function runningNow(facts: Facts): readonly RunningJob[] | null {
  return agedNow(facts.system.running, Date.parse(facts.now))
}

/** The same of a reading alone, by the core's clock. */
export function agedNow(reading: Reading<RunningJob[]>, nowMs: number): readonly RunningJob[] | null {
  if (reading.status === 'unknown') return null
  const older = Math.max(0, nowMs - Date.parse(reading.at))
  return reading.value.map((job) => ({
    ...job,
    elapsedMs: job.elapsedMs === null ? null : job.elapsedMs + older,
    heartbeatAgeMs: job.heartbeatAgeMs === null ? null : job.heartbeatAgeMs + older,
  }))
}

/** Since the last job was done, ms; null when nobody knows. */
export function lastDoneAge(facts: Facts): number | null {
  const reading = facts.system.throughput
  if (reading.status === 'unknown' || reading.value.lastDoneAgeMs === null) return null
  return reading.value.lastDoneAgeMs + readAgo(facts, reading)
}

/** When something of this age began, by the core's clock. */
export function before(facts: Facts, ageMs: number): Instant {
  return new Date(Date.parse(facts.now) - Math.max(0, Math.round(ageMs))).toISOString()
}

/** An evidence row of a reading; `at` is when it was read. */
export function row(facts: Facts, label: string, value: string, source: string, reading?: Reading<unknown>): Evidence {
  return { label, value, source, at: reading?.status === 'known' ? reading.at : facts.now }
}

/** What a finding has by default. */
export function finding(facts: Facts, rule: RuleId, subject: string | null): Omit<Finding, 'headline' | 'explanation'> {
  return {
    key: [rule, facts.system.id, subject].filter((part) => part !== null).join(':'),
    rule,
    severity: 'warning',
    system: facts.system.id,
    since: facts.now,
    evidence: [],
    notTheCause: [],
    remedies: [],
    places: [],
  }
}
