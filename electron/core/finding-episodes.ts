// From the events of findings to their episodes: one appearance each, with what happened to it until it cleared.
import type { FindingEpisode, FindingEvent } from '../contract/finding-life.ts'

/** Events in the order in which they were written → episodes, the latest first. */
export function episodesOf(events: readonly FindingEvent[]): FindingEpisode[] {
  const open = new Map<string, FindingEpisode>()
  const all: FindingEpisode[] = []
  for (const one of events) {
    const { key, finding, at, change, until, by } = one
    const { rule, system, severity, headline, since } = finding
    const before = change === 'appeared' ? undefined : open.get(key)
    // Its appearance may lie before the events that were asked for: the finding knows since when.
    const episode = before ?? { key, rule, system, severity, headline, since, clearedAt: null, changes: [] }
    if (before === undefined) all.push(episode)
    episode.changes.push({ at, change, severity, headline, until, by })
    Object.assign(episode, { severity, headline })
    if (change === 'cleared') episode.clearedAt = at
    if (change === 'cleared') open.delete(key)
    else open.set(key, episode)
  }
  return all.reverse()
}
