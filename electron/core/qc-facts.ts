// Which QC jobs stand still, and by which of runbook 4's causes: its numbers, and what else points to one.
import type { Evidence } from '../contract/finding.ts'
import type { RunningJob } from '../contract/job.ts'
import { type Facts, now, readAgo, row, runningNow } from './facts.ts'
import { duration, plural } from './wording.ts'

/** "stuck in running for more than 2 minutes without progress updates"; auto-recovery runs as often. */
export const STUCK_MS = 2 * 60_000
/** "On-Call Response Time: 15 minutes". */
const RESPOND_MS = 15 * 60_000
/** "If issue persists after 30 minutes". */
export const ESCALATE_MS = 30 * 60_000

export type Cause = 'database' | 'drive' | 'ffmpeg' | 'memory' | 'other'

export interface StuckJob {
  readonly job: RunningJob
  /** Since its progress last moved; null: only the service says that it is stuck. */
  readonly movedAgeMs: number | null
  readonly percent: number | null
}

/** Longest first; null when the running jobs cannot be read. A job that has just moved is slow, not stuck. */
export function stuckJobs(facts: Facts): readonly StuckJob[] | null {
  const jobs = runningNow(facts)
  if (jobs === null || facts.system.kind !== 'qc') return null
  const older = readAgo(facts, facts.system.running)
  return jobs
    .flatMap((job): StuckJob[] => {
      const { movedAgeMs = null, stuck = false, percent = null } = job.progress ?? {}
      const age = movedAgeMs === null ? null : movedAgeMs + older
      if (age === null ? stuck !== true : age <= STUCK_MS) return []
      return [{ job, movedAgeMs: age, percent }]
    })
    .sort((a, b) => (b.movedAgeMs ?? 0) - (a.movedAgeMs ?? 0))
}

/** What the last error says outweighs where the job stands; “Unexpected token <” is a web page, not an expired token. */
const told: readonly [Cause, RegExp][] = [
  [
    'drive',
    /google|\bdrive\b|oauth|invalid_grant|token\W+(is |was |has |been )*(expired|revoked)|(expired|revoked) \w*\s?token/i,
  ],
  ['memory', /memory|\boom\b|heap/i],
  ['database', /supabase|database|connection pool|postgres/i],
  ['ffmpeg', /ffmpeg/i],
]

/** ~5 % is initializing, 15–20 % downloading, 50–70 % analysis. */
const stages: readonly { cause: Cause; from: number; to: number }[] = [
  { cause: 'database', from: 3, to: 8 },
  { cause: 'drive', from: 15, to: 20 },
  { cause: 'ffmpeg', from: 50, to: 70 },
]

export function byCause(facts: Facts, jobs: readonly StuckJob[]): ReadonlyMap<Cause, readonly StuckJob[]> {
  const at = new Map<number, number>()
  for (const { percent } of jobs) if (percent !== null) at.set(percent, (at.get(percent) ?? 0) + 1)
  const groups = new Map<Cause, StuckJob[]>()
  for (const one of jobs) {
    const cause = causeOf(facts, one, at)
    groups.set(cause, [...(groups.get(cause) ?? []), one])
  }
  return groups
}

function causeOf(facts: Facts, { job, percent }: StuckJob, at: ReadonlyMap<number, number>): Cause {
  const error = job.progress?.step ?? null
  const said = error === null ? undefined : told.find(([, pattern]) => pattern.test(error))
  if (said !== undefined) return said[0]
  const stage = stages.find(({ from, to }) => percent !== null && percent >= from && percent <= to)?.cause ?? null
  // A dependency that is down explains the stage better than how many stand there.
  if (stage === 'drive' && isDown(facts, /google|drive|oauth/i)) return stage
  if (stage === 'database' && isDown(facts, /database|supabase/i)) return stage
  if (percent !== null && (at.get(percent) ?? 0) > 1) return 'memory'
  return stage ?? 'other'
}

function isDown(facts: Facts, name: RegExp): boolean {
  const dependencies = facts.system.dependencies === null ? null : now(facts.system.dependencies)
  return dependencies?.some((one) => name.test(one.name) && one.state === 'down') ?? false
}

const SHOWN = 5

/** One row per job: where it stands, for how long, what it last said. */
export function stuckRows(facts: Facts, jobs: readonly StuckJob[]): Evidence[] {
  return jobs.slice(0, SHOWN).map(({ job, movedAgeMs, percent }, n) => {
    const where = percent === null ? 'progress unknown' : `${percent} %`
    const age = movedAgeMs === null ? 'stuck by the service’s own list' : `for ${duration(movedAgeMs)}`
    const error = job.progress?.step ?? null
    const text = `${where}, ${age}, ${job.title}${error === null ? '' : `: ${error}`}`
    return row(facts, n === 0 ? 'Progress' : `Progress ${n + 1}`, text, 'QC service', facts.system.running)
  })
}

/** The longest time without progress; null when only the service says so. */
export function longestMs(jobs: readonly StuckJob[]): number | null {
  const ages = jobs.flatMap(({ movedAgeMs }) => (movedAgeMs === null ? [] : [movedAgeMs]))
  return ages.length === 0 ? null : Math.max(...ages)
}

/** Critical: 15 minutes to respond, escalation after 30 (runbook 4). */
export function clockWords(jobs: readonly StuckJob[]): string {
  const longest = longestMs(jobs) ?? 0
  const have = plural(jobs.length, 'It has', 'They have')
  if (longest > ESCALATE_MS) return `${have} stood still for over 30 min: escalate.`
  if (longest > RESPOND_MS) return `${have} stood still for over 15 min, the time to respond; escalate at 30 min.`
  return 'Respond within 15 min; escalate when it lasts 30 min.'
}

/** The hints of a cause, then whom to call once it lasts, then contacts. */
export function hints(facts: Facts, own: 'recovery' | 'dependency' | Cause, lasts: boolean): string[] {
  const { texts } = facts
  if (texts === null) return []
  const all = [...texts[own], ...(lasts ? texts.escalation : []), ...texts.contacts]
  return all.filter((line) => line.trim() !== '')
}
