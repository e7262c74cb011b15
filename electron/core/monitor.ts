// The tick: polls every source of every system, builds the snapshot, diagnoses, tells watchers what changed.
import { diffSnapshots, keepSame } from '../contract/diff.ts'
import type { Finding } from '../contract/finding.ts'
import type { FindingEpisode } from '../contract/finding-life.ts'
import type { SystemId } from '../contract/job.ts'
import type { LiveEvent, LocalHost, Snapshot } from '../contract/snapshot.ts'
import { nap, withDeadline } from './deadline.ts'
import { diagnose } from './diagnose.ts'
import type { Said } from './finding-life.ts'
import { type FollowOptions, followFindings } from './follow-findings.ts'
import { type LiveStream, liveStream } from './live-stream.ts'
import { readHost } from './local-host.ts'
import type { Interrupted } from './ports/history.ts'
import type { LocalPorts } from './ports/local.ts'
import type { StackMaker } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import { rules } from './rules/index.ts'
import { type AlertOptions, watchAlerts } from './watch-alerts.ts'
import { type SystemWatch, watchSystem } from './watch-system.ts'

/** While somebody watches, and while nobody does (DESIGN §4). */
const WATCHED_MS = 1000
const UNWATCHED_MS = 20_000
/** At most ten changes a second, and what comes together is told together. */
const APART_MS = 100
const TOGETHER_MS = 25
const READ_MS = 120_000

export interface Monitor {
  start(): void
  stop(): Promise<void>
  snapshot(): Snapshot
  read(signal: AbortSignal): Promise<Snapshot>
  watch(signal: AbortSignal): AsyncGenerator<LiveEvent, void, void>
  /** After a write: the next tick comes at once and reads everything of that system. */
  refresh(system: string): void
  /** To a finding: it is told at once. */
  say(key: string, said: Said, by: string): Finding
  episodes(from: string, to: string, limit: number): FindingEpisode[]
}

export interface MonitorOptions extends FollowOptions, AlertOptions {
  systems(): readonly System[]
  readonly local: LocalPorts
  readonly maker: StackMaker | null
  heartbeatLimitMs(): number
  /** Changes by Unjam that were interrupted; absent where nothing is ever changed. */
  interrupted?(system: SystemId): readonly Interrupted[]
}

export function createMonitor(options: MonitorOptions): Monitor {
  const { clock, local, maker } = options
  const watches = new Map<System, SystemWatch>()
  const streams = new Set<LiveStream>()
  let latest: Snapshot = { sequence: 0, at: clock.now(), systems: [], host: host(null), findings: [], alerts: [] }
  const life = followFindings(options)
  const alerts = watchAlerts(options)
  let running: { stopped: AbortController; ended: Promise<void> } | null = null
  let napping = new AbortController()
  let telling: Promise<void> | null = null
  let toldMs = Number.NEGATIVE_INFINITY

  function host(last: LocalHost | null): LocalHost {
    return readHost(local, maker, last, (error) => options.onBug('the local host', error))
  }

  /** Systems may have been added, changed or removed in the settings. */
  function reconcile(): SystemWatch[] {
    const systems = options.systems()
    for (const [system, watch] of watches) {
      if (systems.includes(system)) continue
      watch.close()
      watches.delete(system)
    }
    return systems.map((system) => {
      const watch = watches.get(system) ?? watchSystem(system, clock, changed)
      watches.set(system, watch)
      return watch
    })
  }

  function build(): Snapshot {
    const all = options.systems().flatMap((system) => watches.get(system) ?? [])
    const moment = {
      now: clock.now(),
      host: host(latest.host),
      room: local.room(),
      heartbeatLimitMs: options.heartbeatLimitMs(),
      chunkMs: local.settings().chunkMinutes * 60_000,
      interrupted: options.interrupted ?? (() => []),
    }
    const found = diagnose(
      all.map((watch) => watch.facts(moment)),
      rules,
      options.onBug,
    )
    const ours = new Set(options.systems().map(({ id }) => id))
    const blind = new Set(found.filter(({ rule }) => rule === 'source-unreachable').map(({ system }) => system))
    const findings = life.next(found, (id) => (!ours.has(id) ? 'gone' : blind.has(id) ? 'blind' : 'clear'))
    return {
      sequence: latest.sequence + 1,
      at: moment.now,
      systems: all.map((watch) => watch.snapshot()),
      host: moment.host,
      findings,
      // A command that looks once interrupts nobody, and must not use up what would be said.
      alerts: running === null ? [] : alerts(findings, life.there()),
    }
  }

  function tell(): void {
    toldMs = clock.nowMs()
    const next = build()
    const event = diffSnapshots(latest, next)
    if (event === null) return
    latest = keepSame(latest, next)
    for (const stream of streams) stream.push(event, latest)
  }

  /** Something was read or pushed: told soon, together with what else comes by then. */
  function changed(): void {
    if (running === null || telling !== null) return
    const wait = Math.max(TOGETHER_MS, APART_MS - (clock.nowMs() - toldMs))
    telling = nap(clock, wait, running.stopped.signal).then((passed) => {
      telling = null
      if (!passed) return
      try {
        tell()
      } catch (error) {
        options.onBug('the snapshot', error)
      }
    })
  }

  async function run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const slowest = streams.size > 0 ? WATCHED_MS : UNWATCHED_MS
      try {
        for (const watch of reconcile()) watch.poll(slowest)
      } catch (error) {
        options.onBug('the tick', error)
      }
      changed()
      await nap(clock, slowest, napping.signal)
      if (napping.signal.aborted && !stopped.aborted) napping = new AbortController()
    }
  }

  return {
    start() {
      if (running !== null) return
      const stopped = new AbortController()
      const quiet = [local.worker, local.engine, local.models, ...(maker === null ? [] : [maker])].map((part) =>
        part.onChange(changed),
      )
      stopped.signal.addEventListener('abort', () => {
        for (const off of quiet) off()
        napping.abort()
      })
      napping = new AbortController()
      running = { stopped, ended: Promise.resolve() }
      running.ended = run(stopped.signal)
    },
    async stop() {
      const was = running
      running = null
      was?.stopped.abort(new Error('stopped'))
      for (const watch of watches.values()) watch.close()
      watches.clear()
      for (const stream of streams) stream.end()
      await Promise.all([was?.ended, telling])
    },
    snapshot: () => latest,
    async read(signal) {
      await withDeadline(clock, READ_MS, signal, { tried: 'Read every source', on: '' }, async () => {
        await Promise.all(reconcile().map((watch) => watch.fresh()))
      })
      tell()
      return latest
    },
    async *watch(signal) {
      const stream = liveStream(latest)
      streams.add(stream)
      napping.abort()
      try {
        yield* stream.events(signal)
      } finally {
        streams.delete(stream)
      }
    },
    refresh(id) {
      if (running === null) return
      for (const watch of watches.values()) if (watch.system.id === id) void watch.fresh()
    },
    say(key, said, by) {
      const finding = life.say(key, said, by)
      changed()
      return finding
    },
    episodes: life.history,
  }
}
