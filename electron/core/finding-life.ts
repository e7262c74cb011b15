// The life of findings, as policy: who appeared, changed, cleared; acknowledged, snoozed, woken. Nothing is kept here.
import type { Instant } from '../contract/failure.ts'
import type { Finding, FindingLife, Severity } from '../contract/finding.ts'
import type { FindingChange, FindingEvent } from '../contract/finding-life.ts'

/** A finding that was there, also while it is out of sight for a moment. */
export interface Living {
  /** As it was last seen, with its life and the `since` of its first appearance. */
  readonly finding: Finding
  /** By the core's clock; null while it is seen, or while nobody can look. */
  readonly missedMs: number | null
}
export type Lives = ReadonlyMap<string, Living>

/** One lost reading forgets nothing: it has cleared when it was not there for so long. */
const CLEARED_MS = 2 * 60_000
/** An alert outlasts one reading that was lost, at the slowest pace of reading, and no longer. */
const GLIMPSE_MS = 30_000
/** Other words are told at most so often: a rule that wavers between two must not fill the history. */
const WORDS_MS = 5 * 60_000
const ranks: Record<Severity, number> = { info: 0, warning: 1, critical: 2 }
const newborn: FindingLife = { changed: null, acknowledged: null, snoozedUntil: null }

export function lifeOf(finding: Finding): FindingLife {
  return finding.life ?? newborn
}

/** After a restart: what had not cleared is taken up with its `since` and with what people said to it. */
export function restoreLives(latest: readonly FindingEvent[]): Lives {
  const alive = latest.filter(({ change }) => change !== 'cleared')
  return new Map(alive.map(({ key, finding }) => [key, { finding, missedMs: null }]))
}

/** What is there, also what is out of sight for a moment or in a system that nobody can read now. */
export function stillThere(lives: Lives, nowMs: number): Finding[] {
  const near = [...lives.values()].filter(({ missedMs }) => missedMs === null || nowMs - missedMs < GLIMPSE_MS)
  return near.map(({ finding }) => finding)
}

/** Of a system: it can be read, it cannot be read now, or it is none of ours any more. */
export type Sight = 'clear' | 'blind' | 'gone'

export interface Step {
  readonly lives: Lives
  /** What was found, with its life, in the order in which it was found. */
  readonly findings: Finding[]
  readonly events: FindingEvent[]
}

/** What is not seen in a system that cannot be read has not cleared; what was seen in one that is gone has, at once. */
export function nextLives(
  lives: Lives,
  found: readonly Finding[],
  sight: (system: string) => Sight,
  at: Instant,
): Step {
  const events: FindingEvent[] = []
  const next = new Map<string, Living>()
  const findings = found.map((seen) => {
    const before = lives.get(seen.key)?.finding
    const after = before === undefined ? { ...seen, life: newborn } : grow(before, seen, at)
    if (before === undefined) events.push(event(after, 'appeared', at))
    else if (lifeOf(after).changed !== lifeOf(before).changed) events.push(event(after, 'changed', at))
    else if (lifeOf(before).snoozedUntil !== lifeOf(after).snoozedUntil) events.push(event(after, 'woken', at))
    next.set(seen.key, { finding: after, missedMs: null })
    return after
  })
  const nowMs = Date.parse(at)
  for (const [key, living] of lives) {
    if (next.has(key)) continue
    const { rule, system } = living.finding
    // Its own rule says that it cannot look; that it says so no longer is seen clearly.
    const seen = sight(system)
    const hidden = rule !== 'source-unreachable' && seen === 'blind'
    const missedMs = hidden ? null : (living.missedMs ?? nowMs)
    if (missedMs === null || (seen !== 'gone' && nowMs - missedMs < CLEARED_MS)) next.set(key, { ...living, missedMs })
    else events.push(event(living.finding, 'cleared', new Date(missedMs).toISOString()))
  }
  return { lives: next, findings, events }
}

/** The same finding seen again. What was said to a lesser one does not hold for a worse one. */
function grow(before: Finding, seen: Finding, at: Instant): Finding {
  const life = lifeOf(before)
  const same = { ...seen, since: before.since }
  if (before.severity !== seen.severity || wordsChanged(before, seen, at)) {
    const changed = { at, severity: before.severity, headline: before.headline }
    const worse = ranks[seen.severity] > ranks[before.severity]
    return { ...same, life: worse ? { ...newborn, changed } : { ...life, changed } }
  }
  const awake = life.snoozedUntil !== null && life.snoozedUntil <= at
  return { ...same, life: awake ? { ...life, snoozedUntil: null } : life }
}

/** Growing numbers are no change: “93 messages wait” and “94 messages wait” are one sentence. */
function wordsChanged(before: Finding, seen: Finding, at: Instant): boolean {
  const words = ({ headline }: Finding) => headline.replaceAll(/\d[\d.,:]*/g, '0')
  if (words(before) === words(seen)) return false
  const last = lifeOf(before).changed?.at ?? before.since
  return Date.parse(at) - Date.parse(last) >= WORDS_MS
}

/** What a person says to a finding; null when there is no such finding (any more). */
export type Said =
  | { readonly change: 'acknowledged' }
  | { readonly change: 'snoozed'; readonly until: Instant }
  /** Takes back an acknowledgement, ends a snooze. */
  | { readonly change: 'woken' }

export function say(
  lives: Lives,
  key: string,
  said: Said,
  by: string,
  at: Instant,
): { lives: Lives; event: FindingEvent } | null {
  const living = lives.get(key)
  if (living === undefined) return null
  const finding = { ...living.finding, life: lifeAfter(lifeOf(living.finding), said, by, at) }
  const until = said.change === 'snoozed' ? said.until : null
  return {
    lives: new Map([...lives, [key, { ...living, finding }]]),
    event: { ...event(finding, said.change, at), until, by },
  }
}

function lifeAfter(life: FindingLife, said: Said, by: string, at: Instant): FindingLife {
  switch (said.change) {
    case 'acknowledged':
      return { ...life, acknowledged: { at, by } }
    case 'snoozed':
      return { ...life, snoozedUntil: said.until }
    case 'woken':
      return { ...life, acknowledged: null, snoozedUntil: null }
  }
}

function event(finding: Finding, change: FindingChange, at: Instant): FindingEvent {
  return { at, key: finding.key, change, finding, until: null, by: null }
}
