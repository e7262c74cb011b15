// When an automation is due, what it asks for, and what it may not do. Pure: time and readings are given.
import type { ActionRequest, Preview } from '../contract/action.ts'
import type { Automation, AutomationRun } from '../contract/automation.ts'
import { assertNever } from '../contract/failure.ts'
import type { Finding } from '../contract/finding.ts'
import type { SystemSnapshot } from '../contract/snapshot.ts'
import { count, number } from './wording.ts'

const MINUTE = 60_000
const DAY_MINUTES = 24 * 60
/** A daily run that was missed, because Unjam was not there, is made up for within this time. */
const LATE_MS = 60 * MINUTE
/** One that has never run is due for so long after its time: switching it on at noon starts nothing of last night. */
const FIRST_MS = 2 * MINUTE
/** What was skipped is tried again; looking costs the sources something. */
const TRY_AGAIN_MS = 5 * MINUTE

export interface Moment {
  readonly nowMs: number
  /** By the wall clock of this machine. */
  readonly minuteOfDay: number
  readonly system: SystemSnapshot | null
  readonly findings: readonly Finding[]
}

/** What its runs say: when it last ran, and when it last tried to. */
export interface Past {
  readonly ranMs: number | null
  readonly triedMs: number | null
}

export type Decision =
  | { readonly kind: 'run'; readonly request: ActionRequest }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly because: string }
  | { readonly kind: 'skip'; readonly because: string }

export function pastOf(runs: readonly AutomationRun[]): Past {
  const ran = runs.find(({ outcome }) => outcome !== 'skipped')
  const [tried] = runs
  return {
    ranMs: ran === undefined ? null : Date.parse(ran.at),
    triedMs: tried === undefined ? null : Date.parse(tried.lastAt),
  }
}

/** Whether it is due, and if so what it asks for; an unknown source makes it skip, whatever the time. */
export function decide(automation: Automation, past: Past, moment: Moment): Decision {
  const waits = notYet(automation, past, moment)
  if (waits !== null) return waits
  const blind = blindness(automation, moment.system)
  return blind === null ? { kind: 'run', request: requestOf(automation, moment) } : { kind: 'skip', because: blind }
}

function notYet(automation: Automation, { ranMs, triedMs }: Past, moment: Moment): Decision | null {
  const { when, limits } = automation
  const between = limits.minMinutesBetween * MINUTE
  const gap = when.kind === 'every' ? Math.max(when.minutes * MINUTE, between) : between
  const { nowMs } = moment
  const wait = (untilMs: number | null, because: string): Decision => ({ kind: 'wait', untilMs, because })
  const free = Math.max(after(ranMs, gap, nowMs), after(triedMs, Math.min(TRY_AGAIN_MS, gap), nowMs))
  switch (when.kind) {
    case 'every': {
      const runs = `It runs every ${minutes(Math.round(gap / MINUTE))}`
      const skipped = triedMs !== null && triedMs > (ranMs ?? Number.NEGATIVE_INFINITY)
      return nowMs < free ? wait(free, skipped ? `${runs}; what was skipped is tried again.` : `${runs}.`) : null
    }
    case 'daily': {
      const since = (moment.minuteOfDay - minuteOf(when.at) + DAY_MINUTES) % DAY_MINUTES
      const latest = Math.floor(nowMs / MINUTE) * MINUTE - since * MINUTE
      const next = latest + DAY_MINUTES * MINUTE
      // A run after the latest time, by a clock that has not gone back since, was today's.
      const made = ranMs !== null && ranMs >= latest && ranMs <= nowMs
      const late = nowMs - latest > (ranMs === null && triedMs === null ? FIRST_MS : LATE_MS)
      if (made || late) return wait(next, `It runs daily at ${when.at}.`)
      return nowMs < free ? wait(free, `It is tried again, up to an hour after ${when.at}.`) : null
    }
    case 'finding': {
      const [oldest] = standing(automation, moment.findings)
      if (oldest === undefined) return wait(null, `It waits for the finding ${when.rule}.`)
      const lasts = Date.parse(oldest.since) + when.lastsMinutes * MINUTE
      if (nowMs < lasts) return wait(lasts, `The finding must stand for ${minutes(when.lastsMinutes)}.`)
      return nowMs < free ? wait(free, `At least ${minutes(limits.minMinutesBetween)} lie between two runs.`) : null
    }
    default:
      return assertNever(when)
  }
}

/** A moment that lies further ahead than the gap itself comes from a clock that was set back: it counts for nothing. */
function after(ms: number | null, gap: number, nowMs: number): number {
  return ms === null || ms > nowMs + gap ? Number.NEGATIVE_INFINITY : ms + gap
}

/** Findings of its rule on its system, the oldest first. */
function standing({ when, system }: Automation, findings: readonly Finding[]): Finding[] {
  if (when.kind !== 'finding') return []
  return findings
    .filter((finding) => finding.rule === when.rule && finding.system === system)
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since))
}

/** The parts whose word any action is decided by. */
const LOOKED_AT = ['counts', 'running', 'queues', 'tasks', 'workers', 'services', 'dependencies'] as const

/** Why it must not act: what it would decide by is not known. */
function blindness({ system: id }: Automation, system: SystemSnapshot | null): string | null {
  if (system === null) return `There is no system ${id} in the settings.`
  for (const part of LOOKED_AT) {
    const reading = system[part]
    if (reading?.status === 'unknown' && reading.failure.kind !== 'unsupported')
      return `Its ${part} cannot be read: ${reading.failure.because}.`
  }
  return null
}

/** On a finding: the jobs that its own remedy names, at most so many; otherwise everything the action applies to. */
export function requestOf(
  automation: Automation,
  { findings, nowMs }: Pick<Moment, 'findings' | 'nowMs'>,
): ActionRequest {
  const { action, system, params, when, limits } = automation
  const lasting = standing(automation, findings).filter(
    ({ since }) => when.kind === 'finding' && nowMs - Date.parse(since) >= when.lastsMinutes * MINUTE,
  )
  const remedies = lasting.flatMap((finding) => finding.remedies.filter((remedy) => remedy.action === action))
  const ids = [...new Set(remedies.flatMap((remedy) => remedy.ids ?? []))]
  const [first] = remedies
  return {
    ...{ action, system },
    target: ids.length === 0 ? 'all' : ids.slice(0, limits.perRun),
    params: { ...first?.params, ...params },
  }
}

/** Why what was previewed is not done; null: it is. */
export function objection({ limits, allowDestructive }: Automation, preview: Preview): string | null {
  if (preview.risk === 'destructive' && !allowDestructive)
    return `${preview.title} cannot be taken back, and nobody has agreed to that.`
  return preview.count > limits.onlyUpTo
    ? `It would touch ${number(preview.count)}, more than the ${number(limits.onlyUpTo)} it may: somebody should look first.`
    : null
}

function minuteOf(wall: string): number {
  const [hours = 0, rest = 0] = wall.split(':').map(Number)
  return hours * 60 + rest
}

function minutes(n: number): string {
  return n === 1 ? 'minute' : n % 60 === 0 && n > 0 ? (n === 60 ? 'hour' : `${n / 60} hours`) : count(n, 'minute')
}
