// Workers that were ever seen, remembered: what a survey says about each, and for ten minutes what became of the gone.
import type { Worker } from '../../../contract/snapshot.ts'
import type { Beat } from './events.ts'
import { type Signs, verdictOf } from './liveness.ts'
import type { Survey, Surveyed } from './survey.ts'

export interface RosterOptions {
  /** Messages beside a free slot for so long, and nothing started: it does not consume. */
  readonly idleLimitMs: number
  readonly forgetMs: number
  /** A task that a worker reported as started and not as ended, from the results. */
  held(worker: string): { id: string; sinceMs: number | null } | null
  /** Whether this app reports tasks as started at all (task_track_started). */
  reportsStarts(): boolean
}

/** What the core is told, and beside it what other parts of the adapter need to know of a worker. */
export interface Roster {
  /** One survey later. */
  read(survey: Survey, beats: ReadonlyMap<string, Beat>, listeningMs: number): readonly Worker[]
  /** Those that answered the last survey. */
  answering(): readonly string[]
  jsonOnly(worker: string): boolean | null
  learned(worker: string, jsonOnly: boolean): void
}

interface Known {
  readonly name: string
  readonly sinceMs: number
  /** Null until it answers for the first time. */
  last: Surveyed | null
  answeredMs: number | null
  /** Since the first question that it did not answer; null while it answers. */
  silentSinceMs: number | null
  /** By the broker's clock. */
  answeredAt: number | null
  startedAt: number | null
  /** Since when messages wait beside a free slot and nothing is started. */
  idleSinceMs: number | null
  connected: boolean
  goneSinceMs: number | null
  jsonOnly: boolean | null
}

export function createRoster(options: RosterOptions): Roster {
  const known = new Map<string, Known>()
  let answering: readonly string[] = []

  function meet(name: string, atMs: number): Known {
    const old = known.get(name)
    if (old !== undefined) return old
    const one: Known = {
      name,
      sinceMs: atMs,
      last: null,
      answeredMs: null,
      silentSinceMs: null,
      answeredAt: null,
      startedAt: null,
      idleSinceMs: null,
      connected: true,
      goneSinceMs: null,
      jsonOnly: null,
    }
    known.set(name, one)
    return one
  }

  function hear(one: Known, now: Surveyed, survey: Survey): void {
    const { stats } = now
    // The same name after a restart is another worker.
    if (one.last !== null && one.last.stats.pid !== stats.pid) one.idleSinceMs = null
    const idle = waitingFor(now, survey) > 0 && (now.active?.length ?? 0) < stats.slots
    const started = one.last !== null && one.last.stats.accepted !== stats.accepted
    one.idleSinceMs = idle ? ((started ? null : one.idleSinceMs) ?? survey.atMs) : null
    one.last = now
    one.answeredMs = survey.atMs
    one.silentSinceMs = null
    one.answeredAt = survey.brokerMs
    one.startedAt = stats.uptimeMs === null ? one.startedAt : survey.brokerMs - stats.uptimeMs
    one.connected = true
    one.goneSinceMs = null
  }

  /** Redis counts silent connections without naming them: those most likely to be there get them. */
  function attribute(
    silent: readonly Known[],
    connections: number,
    beats: ReadonlyMap<string, Beat>,
    atMs: number,
  ): void {
    const likely = (one: Known) => {
      const beat = beats.get(one.name)
      if (beat?.offline === true) return 0
      // A hung worker may live without a control connection: it is the last to be given one.
      if (!one.connected) return livesOn(one, beat) ? 1 : 0
      // Silent and connected before: if the count has dropped, it is one that fell silent just now that went.
      if (!answering.includes(one.name)) return 4
      return beat !== undefined && atMs - beat.arrivedMs < beat.everyMs * 3 ? 3 : 2
    }
    const ranked = [...silent].sort((a, b) => likely(b) - likely(a))
    for (const [rank, one] of ranked.entries()) {
      one.connected = rank < connections && likely(one) > 0
      one.goneSinceMs = one.connected ? null : (one.goneSinceMs ?? atMs)
    }
  }

  return {
    read(survey, beats, listeningMs) {
      const { atMs } = survey
      for (const [name, now] of survey.workers) hear(meet(name, atMs), now, survey)
      for (const [name, beat] of beats) if (!beat.offline) meet(name, beat.arrivedMs)
      // A binding outlives a killed worker: only where somebody silent is connected does its name mean one.
      if (survey.silentConnections > 0) for (const name of survey.bound) meet(name, atMs)
      const silent = [...known.values()].filter(({ name }) => !survey.workers.has(name))
      for (const one of silent) one.silentSinceMs ??= atMs
      attribute(silent, survey.silentConnections, beats, atMs)
      for (const { name, goneSinceMs, answeredMs } of silent) {
        const forgotten = goneSinceMs !== null && atMs - goneSinceMs >= options.forgetMs
        // Only a name in an old binding, and nobody is there.
        const never = goneSinceMs !== null && answeredMs === null && !beats.has(name)
        if (forgotten || never) known.delete(name)
      }
      answering = [...survey.workers.keys()]
      return [...known.values()]
        .map((one) => toWorker(one, survey, beats.get(one.name) ?? null, listeningMs, options))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    answering: () => answering,
    jsonOnly: (worker) => known.get(worker)?.jsonOnly ?? null,
    learned(worker, jsonOnly) {
      meet(worker, performance.now()).jsonOnly = jsonOnly
    },
  }
}

/** Its heartbeats went on after its control connection was gone. */
function livesOn({ goneSinceMs }: Known, beat: Beat | null | undefined): boolean {
  return goneSinceMs !== null && beat != null && beat.arrivedMs > goneSinceMs
}

function waitingFor({ queues }: Surveyed, { waiting }: Survey): number {
  return (queues ?? []).reduce((sum, queue) => sum + (waiting.get(queue) ?? 0), 0)
}

function toWorker(one: Known, survey: Survey, beat: Beat | null, listeningMs: number, options: RosterOptions): Worker {
  const { atMs, brokerMs, paused } = survey
  const now = survey.workers.get(one.name)
  const { last } = one
  const stats = last?.stats ?? null
  const held = options.held(one.name)
  const beatAge = beat === null ? null : atMs - beat.arrivedMs
  const answerAge = one.answeredMs === null ? null : atMs - one.answeredMs
  const signs: Signs = {
    answered: now !== undefined,
    answerAgeMs: answerAge,
    knownMs: atMs - one.sinceMs,
    heartbeatAgeMs: beatAge,
    beatEveryMs: beat?.everyMs ?? 2000,
    listeningMs,
    connected: one.connected,
    livesOn: livesOn(one, beat),
    beatsOn: one.silentSinceMs !== null && beat !== null && beat.arrivedMs > one.silentSinceMs,
    goodbye: beat?.offline === true && (one.answeredMs === null || beat.arrivedMs >= one.answeredMs),
    solo: stats?.pool === 'solo',
    holds:
      held === null
        ? null
        : { id: held.id, forMs: held.sinceMs === null ? null : Math.max(0, brokerMs - held.sinceMs) },
    reportsStarts: options.reportsStarts(),
    slots: stats?.slots ?? 0,
    busy: last?.active?.length ?? 0,
    queues: last?.queues ?? null,
    waiting: last === null ? 0 : waitingFor(last, survey),
    idleMs: one.idleSinceMs === null ? null : atMs - one.idleSinceMs,
    paused: [...paused],
  }
  const { state, because } = verdictOf(signs, options.idleLimitMs)
  const lifeAge = Math.min(beatAge ?? Infinity, answerAge ?? Infinity)
  const life = Number.isFinite(lifeAge) ? lifeAge : null
  const twice =
    now !== undefined && now.namesakes > 1
      ? `${now.namesakes} workers use this name; each does what is told to either.`
      : null
  return {
    id: one.name,
    name: one.name,
    kind: 'celery',
    state,
    because: because ?? twice,
    host: one.name.slice(one.name.indexOf('@') + 1),
    pid: stats?.pid ?? beat?.pid ?? null,
    slots: stats?.slots ?? 0,
    busy: state === 'lost' ? 0 : state === 'busy' ? 1 : (last?.active?.length ?? 0),
    threads: null,
    model: null,
    speed: null,
    beatAt: life === null ? null : instant(brokerMs - life),
    beatAgeMs: life,
    startedAt: one.startedAt === null ? null : instant(one.startedAt),
    queues: last?.queues === null || last === null ? null : [...last.queues],
    prefetched: now === undefined ? null : (now.reserved?.length ?? null),
    pool: stats?.pool ?? null,
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
