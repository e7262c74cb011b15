// Findings as lines: each with its age and what somebody has said to it, and the episodes of those that were.

import type { Finding } from '../electron/contract/finding.ts'
import type { FindingEpisode } from '../electron/contract/finding-life.ts'
import { duration, time, when } from './format.ts'
import { levelWords } from './level-words.ts'
import type { LiveState } from './live.ts'
import { coreNow, type Level, levelOf } from './select.ts'

/** What was said to a finding, as the screen says it. */
export interface Said {
  /** “Acknowledged by ops 19:43”, “Snoozed until 20:43”; null when nobody has said anything. */
  readonly text: string | null
  readonly acknowledged: boolean
  readonly snoozed: boolean
  /** “was Attention until 19:12”; null when it is what it was. */
  readonly changed: string | null
}

export function saidOf({ life, severity }: Finding, now: number): Said {
  const { acknowledged = null, snoozedUntil = null, changed = null } = life ?? {}
  const words = [
    acknowledged === null ? [] : [`Acknowledged by ${acknowledged.by} ${when(time(acknowledged.at), now)}`],
    snoozedUntil === null ? [] : [`Snoozed until ${when(time(snoozedUntil), now)}`],
  ].flat()
  const was = changed === null || changed.severity === severity ? null : changed
  return {
    text: words.length === 0 ? null : words.join(' · '),
    acknowledged: acknowledged !== null,
    snoozed: snoozedUntil !== null,
    changed: was === null ? null : `was ${levelWords[was.severity]} until ${when(time(was.at), now)}`,
  }
}

export interface FindingLine {
  readonly key: string
  readonly level: Level
  readonly word: string
  readonly system: string
  readonly headline: string
  readonly age: string
  readonly said: string | null
}

/** All but the one that is the verdict. */
export function selectOthers(state: LiveState, nowMs: number, shown: string | null): FindingLine[] {
  const now = coreNow(state, nowMs)
  const others = (state.snapshot?.findings ?? []).filter(({ key }) => key !== shown)
  return others.map((finding) => {
    const level = levelOf(finding)
    const { key, system, headline, since } = finding
    const said = saidOf(finding, now).text
    return { key, level, word: levelWords[level], system, headline, age: duration(now - time(since)), said }
  })
}

/** Changes when there is something new to read in the history of findings. */
export function findingsRevision({ snapshot }: LiveState): string {
  return JSON.stringify(snapshot?.findings.map(({ key, severity, life }) => [key, severity, life]))
}

export interface EpisodeRow {
  readonly id: string
  readonly key: string
  readonly level: Level
  readonly word: string
  readonly system: string
  readonly headline: string
  readonly since: string
  /** “3 h 00 min”, and whether it goes on. */
  readonly lasted: string
  readonly open: boolean
  /** “19:12 Critical”, “19:13 acknowledged by ops”. */
  readonly changes: readonly string[]
}

export function episodeRows(episodes: readonly FindingEpisode[], now: number): EpisodeRow[] {
  return episodes.map((episode) => {
    const { key, rule, severity, system, headline, since, clearedAt, changes } = episode
    const level = levelOf({ rule, severity })
    return {
      ...{ id: `${key} ${since}`, key, level, word: levelWords[level], system, headline, open: clearedAt === null },
      since: when(time(since), now),
      lasted: duration((clearedAt === null ? now : time(clearedAt)) - time(since)),
      changes: changes.flatMap((change, n) => changeText(change, changes[n - 1], now)),
    }
  })
}

type Change = FindingEpisode['changes'][number]

/** Its appearance and its end stand in columns of their own. */
function changeText({ at, change, severity, headline, until, by }: Change, before: Change | undefined, now: number) {
  const moment = when(time(at), now)
  const who = by === null ? '' : ` by ${by}`
  switch (change) {
    case 'appeared':
    case 'cleared':
      return []
    case 'changed':
      return [`${moment} ${before?.severity === severity ? headline : levelWords[severity]}`]
    case 'acknowledged':
      return [`${moment} acknowledged${who}`]
    case 'snoozed':
      return [`${moment} snoozed${who}${until === null ? '' : ` until ${when(time(until), now)}`}`]
    case 'woken':
      return [`${moment} woken${who}`]
  }
}
