// All sources of one system: each polled by itself, together one SystemSnapshot and the facts for the rules.
import type { FailedJob, JobQuery, RunningJob, SystemId } from '../contract/job.ts'
import type { AttemptBar, Counts, LocalHost, Reading, SystemSnapshot } from '../contract/snapshot.ts'
import { workerIn } from './attempt-bars.ts'
import { forecast } from './expected-ends.ts'
import { agedNow, type Backlog, type Facts } from './facts.ts'
import { learnTasks } from './known-tasks.ts'
import type { Interrupted } from './ports/history.ts'
import type { JobSystem } from './ports/jobs.ts'
import type { Clock, Room } from './ports/local.ts'
import type { System } from './ports/system.ts'
import { readReconciliation } from './read-reconciliation.ts'
import { createSource, type Source } from './source.ts'
import { nextTrend, noTrend } from './trend.ts'
import { readAttempts } from './watch-attempts.ts'
import { watchBeat } from './watch-beat.ts'
import { watchDependencies } from './watch-dependencies.ts'
import { watchLog } from './watch-log.ts'
import { type Sourcing, watchBroker, watchStack } from './watch-parts.ts'
import { readRuns } from './watch-runs.ts'

/** What all systems are judged by at the same time. */
export interface Moment {
  readonly now: string
  readonly host: LocalHost | null
  readonly room: Room | null
  readonly heartbeatLimitMs: number
  readonly chunkMs: number | null
  interrupted(system: SystemId): readonly Interrupted[]
}

export interface SystemWatch {
  readonly system: System
  snapshot(): SystemSnapshot
  facts(moment: Moment): Facts
  /** Polls what is due; everything is slowed to `slowestMs` at least. */
  poll(slowestMs: number): void
  /** Everything once more, now. */
  fresh(): Promise<void>
  close(): void
}

const RUNNING = 200
const QUEUE_HEAD = 50
const FAILURES = 200
/** Unjam's worker beats every 30 s (DESIGN §7); the stack's every 2 minutes (runbook 2). */
const BEAT_MS = { local: 30_000, stack: 120_000 }
/** The first reading of the embedded database may have to create it. */
const DEADLINE_MS = { local: { first: 90_000, later: 5000 }, stack: { first: 10_000, later: 5000 } }

export function watchSystem(system: System, clock: Clock, onChange: () => void): SystemWatch {
  const { jobs } = system
  const local = system.kind === 'local'
  const source: Sourcing = (tried, read, changed = onChange) =>
    createSource({
      clock,
      tried,
      on: system.id,
      deadlineMs: local ? DEADLINE_MS.local : DEADLINE_MS.stack,
      read,
      onChange: changed,
    })
  let trend = noTrend
  let ended = -1

  const counts = source('Read the counts', (signal) => jobs.counts(signal), countsChanged)
  const running = source<RunningJob[]>('Read the running jobs', async (signal) => [
    ...(await jobs.running(RUNNING, signal)),
  ])
  const throughput = source('Read the throughput', (signal) => jobs.throughput(signal))
  const log = system.stack === null ? null : watchLog(system, system.stack, source)
  const attempts = source<AttemptBar[]>('Read the attempts', (signal) =>
    readAttempts(system, log?.log() ?? null, workerOf, clock.nowMs(), signal),
  )
  const backlog = source('Read the queue', (signal) => readBacklog(jobs, signal))
  const failures = source<readonly FailedJob[]>('Read the failed jobs', (signal) => readFailures(system, signal))
  const runs = system.kind === 'crawl' ? source('Read the late runs', (signal) => readRuns(system, signal)) : null
  const broker = watchBroker(system, source)
  const stack = watchStack(system, source)
  const ledgers =
    system.kind === 'recordings' && system.broker !== null
      ? source('Compare the ledgers', (signal) => readReconciliation(system, signal))
      : null
  const beat = watchBeat(system, clock, () => broker.readings().queues, source)
  const dependencies = watchDependencies(system, source)

  function countsChanged(): void {
    const reading = counts.reading()
    trend = nextTrend(trend, reading, clock.nowMs())
    // A job ended: what is read less often has changed too.
    if (reading.status === 'known' && endedOf(reading.value) !== ended) {
      ended = endedOf(reading.value)
      for (const one of [throughput, attempts, backlog, failures]) one.expire()
    }
    onChange()
  }

  const all: readonly { source: Source<unknown>; everyMs: number }[] = [
    { source: counts, everyMs: 1000 },
    { source: running, everyMs: 1000 },
    { source: throughput, everyMs: 10_000 },
    { source: attempts, everyMs: 10_000 },
    { source: backlog, everyMs: 10_000 },
    { source: failures, everyMs: 10_000 },
    ...(runs === null ? [] : [{ source: runs, everyMs: 5000 }]),
    ...broker.sources,
    ...stack.sources,
    ...dependencies.sources,
    ...(ledgers === null ? [] : [{ source: ledgers, everyMs: 15_000 }]),
    ...(beat === null ? [] : [{ source: beat, everyMs: 10_000 }]),
    ...(log === null ? [] : [{ source: log.source, everyMs: 3000 }]),
  ]

  const snapshot = (): SystemSnapshot => ({
    id: system.id,
    kind: system.kind,
    counts: counts.reading(),
    running: runningNow(),
    forecast: forecastNow(),
    throughput: throughput.reading(),
    attempts: attempts.reading(),
    ...broker.readings(),
    ...stack.readings(),
    dependencies: dependencies.reading(),
  })

  function workerOf(container: string): string {
    const services = stack.readings().services
    return workerIn(container, services && known(services), known(broker.readings().workers))
  }

  function runningNow(): Reading<RunningJob[]> {
    return log === null ? running.reading() : log.running(running.reading())
  }

  function forecastNow(): SystemSnapshot['forecast'] {
    return forecast({
      nowMs: clock.nowMs(),
      running: agedNow(runningNow(), clock.nowMs()),
      bars: known(attempts.reading()),
      throughput: known(throughput.reading()),
      workers: known(broker.readings().workers),
      counts: known(counts.reading()),
      meanAudioMs: known(backlog.reading())?.meanAudioMs ?? null,
      heartbeatLimitMs: known(stack.readings().limits)?.heartbeatLimitMs ?? null,
    })
  }

  return {
    system,
    snapshot,
    facts({ now, host, room, heartbeatLimitMs, chunkMs, interrupted }) {
      const { limits } = stack.readings()
      return {
        now,
        system: snapshot(),
        host: local ? host : null,
        backlog: backlog.reading(),
        failures: failures.reading(),
        log: log?.source.reading() ?? null,
        runs: runs?.reading() ?? null,
        beat: beat?.reading() ?? null,
        ledgers: ledgers?.reading() ?? null,
        delivery: broker.delivery(),
        room: local ? room : null,
        trend,
        interrupted: interrupted(system.id),
        repairs: system.stack?.pending() ?? [],
        setAside: system.broker?.quarantine.pending() ?? [],
        texts: system.recovery?.texts ?? null,
        heartbeatLimitMs: limits.status === 'known' ? limits.value.heartbeatLimitMs : heartbeatLimitMs,
        beatMs: local ? BEAT_MS.local : BEAT_MS.stack,
        chunkMs,
      }
    },
    poll(slowestMs) {
      // A tick comes a little early or late; a period is over when most of it is.
      for (const { source, everyMs } of all) source.poll(Math.max(everyMs, slowestMs) - 50)
    },
    fresh: async () => {
      await Promise.all(all.map(({ source }) => source.fresh()))
    },
    close() {
      for (const stop of [broker.close, stack.close]) stop()
      for (const { source } of all) source.close()
    },
  }
}

function known<T>(reading: Reading<T>): T | null {
  return reading.status === 'known' ? reading.value : null
}

function endedOf(counts: Counts): number {
  return counts.done + counts.failed + counts.skipped
}

async function readFailures({ id, jobs: table, broker }: System, signal: AbortSignal): Promise<FailedJob[]> {
  const { jobs } = await table.page(
    {
      ...{ system: id, state: 'failed', search: '', cursor: null },
      ...{ sort: 'updated', descending: true, limit: FAILURES },
    },
    signal,
  )
  learnTasks(broker, jobs)
  return jobs.flatMap((job) => (job.state === 'failed' ? [job] : []))
}

async function readBacklog(system: JobSystem, signal: AbortSignal): Promise<Backlog> {
  const queued = (sort: 'created' | 'audio', limit: number): JobQuery => ({
    ...{ system: system.id, state: 'queued', search: '', cursor: null },
    ...{ sort, descending: sort === 'audio', limit },
  })
  const head = await system.page(queued('created', QUEUE_HEAD), signal)
  // A queue that the head does not show as a whole is asked once more.
  const long = head.cursor === null ? head : await system.page(queued('audio', 1), signal)
  const waiting = head.jobs.flatMap((job) => (job.state === 'queued' && job.waitingMs !== null ? [job.waitingMs] : []))
  const lengths = head.jobs.flatMap((job) => (job.audioMs === null ? [] : [job.audioMs]))
  const [longest] = long.jobs.toSorted((a, b) => (b.audioMs ?? 0) - (a.audioMs ?? 0))
  return {
    oldestWaitingMs: waiting.length === 0 ? null : Math.max(...waiting),
    meanAudioMs: lengths.length === 0 ? null : lengths.reduce((sum, ms) => sum + ms, 0) / lengths.length,
    longest: longest === undefined || longest.audioMs === null ? null : longest,
  }
}
