// The scheduler has not ticked for over two intervals: nothing refills the queue from the database.
import type { Evidence, Finding } from '../../contract/finding.ts'
import type { BeatFacts } from '../beat.ts'
import { before, type Facts, finding, now, type Rule, readAgo, row } from '../facts.ts'
import { nobodyTakes } from '../heartbeat.ts'
import { servicesNow } from '../service-facts.ts'
import { count, duration, limit } from '../wording.ts'

/** A tick may come late by as long as the scheduler sleeps between looks (celery beat: at most 5 min, here its wake-up). */
const GRACE_MS = 30_000

export const beatSilent: Rule = {
  id: 'beat-silent',
  kinds: ['recordings'],
  runbook: '0-stuck-at-1069.md, "Beat: Sending enqueue_pending_recordings every 2 min as expected"',
  diagnose(facts) {
    const beat = facts.beat === null ? null : now(facts.beat)
    if (beat === null) return []
    const silent = silentMs(facts, beat)
    return silent !== null && isSilent(beat, silent) ? [toFinding(facts, beat, silent)] : []
  },
}

/** Since the scheduler was last heard, ms, and whether that is too long; null when nobody can tell. */
export function tickHeard(facts: Facts): { ageMs: number; silent: boolean } | null {
  const beat = facts.beat === null ? null : now(facts.beat)
  const ageMs = beat === null ? null : silentMs(facts, beat)
  return beat === null || ageMs === null ? null : { ageMs, silent: isSilent(beat, ageMs) }
}

function isSilent({ everyMs }: BeatFacts, ageMs: number): boolean {
  return ageMs > 2 * everyMs + GRACE_MS
}

/** One witness that heard a tick lately outweighs one that did not; null when neither can tell. */
function silentMs(facts: Facts, { loggedAgeMs, noArrivalMs }: BeatFacts): number | null {
  const heard = [loggedAgeMs, noArrivalMs].flatMap((age) => (age === null ? [] : [age]))
  return heard.length === 0 ? null : Math.min(...heard) + readAgo(facts, facts.beat ?? facts.system.counts)
}

function toFinding(facts: Facts, beat: BeatFacts, silent: number): Finding {
  const queued = now(facts.system.counts)?.queued ?? null
  const down = isDown(facts, beat)
  return {
    ...finding(facts, 'beat-silent', beat.task),
    // Two witnesses: it says nothing, and its service is down or its messages do not come.
    severity: down || (beat.loggedAgeMs !== null && beat.noArrivalMs !== null) ? 'critical' : 'warning',
    headline: `The scheduler has not sent ${beat.task} for ${duration(silent)}. It should every ${limit(beat.everyMs)}.`,
    explanation:
      'Without it nobody turns queued jobs into messages, and nobody returns stuck ones. Workers finish what waits, then stop.',
    since: before(facts, silent - beat.everyMs),
    evidence: evidence(facts, beat, queued),
    notTheCause: down ? [] : ['Jobs that run: they do not need the scheduler'],
    remedies: [
      ...(beat.service === null
        ? []
        : [
            {
              action: down ? 'start-service' : 'restart-service',
              label: `${down ? 'Start' : 'Restart'} ${beat.service}`,
              ids: [beat.service],
              params: {},
              effect: `The next tick comes within ${limit(beat.everyMs)}.`,
            },
          ]),
      ...(nobodyTakes(facts)
        ? []
        : [
            {
              action: 'enqueue-now',
              label: 'Enqueue now',
              ids: null,
              params: {},
              effect: 'Sends one such message, as the scheduler would. Undo is possible while it waits.',
            },
          ]),
    ],
    places: [{ view: 'stack', label: 'Open the services', job: null }],
  }
}

function isDown(facts: Facts, { service }: BeatFacts): boolean {
  const own = servicesNow(facts).filter((one) => one.service === service)
  return own.length > 0 && own.every(({ state }) => state === 'exited' || state === 'dead')
}

function evidence(facts: Facts, beat: BeatFacts, queued: number | null): Evidence[] {
  const { service, loggedAgeMs, noArrivalMs } = beat
  return [
    row(
      facts,
      'Its log',
      loggedAgeMs === null
        ? `unknown: ${service === null ? 'no scheduler’s service is known' : `${service} logs no ticks`}`
        : `last sent ${duration(loggedAgeMs)} ago`,
      'stack',
      facts.beat ?? undefined,
    ),
    row(
      facts,
      'Queue',
      noArrivalMs === null ? 'unknown: none of its messages waits' : `none has come for ${duration(noArrivalMs)}`,
      'broker',
      facts.beat ?? undefined,
    ),
    row(facts, 'Waiting', queued === null ? 'unknown' : count(queued, 'queued job'), 'database', facts.system.counts),
  ]
}
