// Runbook 0 as snapshots and job lists: one 63-minute recording holds the only worker, 20 wait, 1069 are done.
import type { Failure } from '../../electron/contract/failure.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import type { Job, JobState, RunningJob } from '../../electron/contract/job.ts'
import type {
  AttemptBar,
  Counts,
  LocalHost,
  Reading,
  Snapshot,
  SystemSnapshot,
  Worker,
} from '../../electron/contract/snapshot.ts'
import {
  archiveResults,
  callQueues,
  callTasks,
  celeryWorker,
  crawlQueues,
  noResults,
  queue,
  stormQueues,
  stormTasks,
  stormWorkers,
} from './fixture-broker.ts'
import { envOf, servicesOf, stackInfo } from './fixture-stack.ts'
import { BASE, HOUR, iso, LONG_JOB, MINUTE, type Scenario, SECOND, STARTED } from './fixture-time.ts'

export { BASE, LONG_JOB, type Scenario } from './fixture-time.ts'

const LONG_TITLE = 'Call recording 5454_210513_095857.m4a'
const LONG_MS = 63 * MINUTE

const known = <T>(value: T, at: number): Reading<T> => ({ status: 'known', at: iso(at), value })
const gone: Failure = {
  kind: 'unreachable',
  tried: 'Read QC',
  on: 'http://qc:8000',
  because: 'HTTP 502',
  remedy: 'Start the API.',
}
const lost = <T>(last: T | null, since: number): Reading<T> => ({
  status: 'unknown',
  since: iso(since),
  failure: gone,
  last,
})
const counts = (queued: number, running: number, done: number, failed: number, skipped: number): Counts => ({
  queued,
  running,
  done,
  failed,
  skipped,
})

/** The same number for the same seed: screenshots must not differ from run to run. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

function longJob(now: number): RunningJob {
  const elapsed = now - STARTED
  const doneMs = Math.min(LONG_MS - 1000, (elapsed / (3 * HOUR + 37 * MINUTE)) * LONG_MS)
  return {
    state: 'running',
    system: 'calls',
    id: LONG_JOB,
    title: LONG_TITLE,
    audioMs: LONG_MS,
    retryCount: 0,
    createdAt: iso(STARTED - MINUTE),
    phase: 'active',
    startedAt: iso(STARTED),
    elapsedMs: elapsed,
    heartbeatAgeMs: 38 * SECOND,
    worker: 'celery@calls-1',
    progress: {
      audioDoneMs: doneMs,
      audioTotalMs: LONG_MS,
      speed: 0.29,
      etaMs: 37 * MINUTE,
      chunksDone: 5,
      chunksTotal: 7,
      movedAgeMs: 3000,
    },
  }
}

function shortJob(now: number, n: number, phase: RunningJob['phase'] = 'active'): RunningJob {
  const total = (4 + n * 3) * MINUTE
  const done = ((now / 40) % total) | 0
  return {
    state: 'running',
    system: 'local',
    id: `run-${n}`,
    title: `Interview ${n + 1} with the survey group.m4a`,
    audioMs: total,
    retryCount: 0,
    createdAt: iso(now - HOUR),
    phase,
    startedAt: iso(now - (n + 1) * 3 * MINUTE),
    elapsedMs: (n + 1) * 3 * MINUTE,
    heartbeatAgeMs: 1000,
    worker: 'this computer',
    progress: {
      audioDoneMs: done,
      audioTotalMs: total,
      speed: 3.42,
      etaMs: (total - done) / 3.42,
      chunksDone: 1,
      chunksTotal: 2,
      movedAgeMs: 500,
    },
  }
}

const worker = (name: string, busy: number, slots: number, beatAgeMs: number): Worker => ({
  ...celeryWorker(name, { busy, slots, beatAgeMs }),
  ...(name.includes('@') ? {} : { kind: 'unjam' as const, queues: null, prefetched: null, pool: null }),
})

function bars(system: string, name: string, seed: number, every: number, until: number): AttemptBar[] {
  const next = random(seed)
  const all: AttemptBar[] = []
  let at = BASE - 5.95 * HOUR
  while (at < until) {
    const length = (3 + next() * 12) * MINUTE
    const end = Math.min(at + length, until)
    all.push({
      job: `${system}-${all.length}`,
      title: `Call recording ${3000 + Math.floor(next() * 2000)}.m4a`,
      worker: name,
      startedAt: iso(at),
      endedAt: iso(end),
      outcome: 'done',
      audioMs: length / 2,
    })
    at = end + MINUTE * (0.6 + next() * every)
  }
  return all
}

function throughput(now: number, flat: boolean, doneToday: number): SystemSnapshot['throughput'] {
  const first = now - 12 * HOUR
  const shape = [5, 6, 4, 7, 6, 5, 8, 6, 7, 5, 6, 7, 6, 5, 7, 6, 4, 3, 5, 6, 7, 5, 6, 4]
  return known(
    {
      doneToday,
      audioTodayMs: doneToday * 4.2 * MINUTE,
      lastDoneAgeMs: flat ? now - STARTED : 4 * MINUTE,
      lastDoneAt: iso(flat ? STARTED : now - 4 * MINUTE),
      buckets: shape.map((done, n) => ({
        from: iso(first + n * 30 * MINUTE),
        done: flat && n >= 18 ? 0 : done,
        failed: 0,
      })),
      speed: flat ? 0.29 : 3.4,
    },
    now - 2000,
  )
}

interface Parts {
  id: string
  kind?: SystemSnapshot['kind']
  counts: Reading<Counts>
  running?: RunningJob[]
  workers: Reading<Worker[]>
  attempts?: AttemptBar[]
  throughput?: SystemSnapshot['throughput']
  broker?: Partial<Pick<SystemSnapshot, 'queues' | 'tasks' | 'results'>>
  stack?: Scenario
  forecast?: SystemSnapshot['forecast']
}

function system(now: number, parts: Parts): SystemSnapshot {
  const read = now - 2000
  return {
    id: parts.id,
    kind: parts.kind ?? 'recordings',
    counts: parts.counts,
    running: known(parts.running ?? [], read),
    workers: parts.workers,
    throughput: parts.throughput ?? throughput(now, false, 12),
    attempts: known(parts.attempts ?? [], read),
    limits: known({ taskTimeoutMs: null, heartbeatLimitMs: 15 * MINUTE, maxRetries: 3 }, read),
    forecast: parts.forecast ?? { speed: null, jobs: [], queue: null },
    queues: parts.broker?.queues ?? null,
    tasks: parts.broker?.tasks ?? null,
    results: parts.broker?.results ?? null,
    stack: parts.stack === undefined ? null : known(stackInfo, read),
    services: parts.stack === undefined ? null : known(servicesOf(parts.stack), read),
    env: parts.stack === undefined ? null : known(envOf(parts.stack), read),
    dependencies: null,
    api: parts.stack === undefined ? null : known({ queued: 20, running: 1, done: 1069, failed: 0 }, read),
  }
}

const evidence = (label: string, value: string, source: string, ageMs: number, now: number) => ({
  label,
  value,
  source,
  at: iso(now - ageMs),
})

function longFinding(now: number): Finding {
  return {
    key: `long-job-holds-worker calls ${LONG_JOB}`,
    rule: 'long-job-holds-worker',
    severity: 'warning',
    system: 'calls',
    headline: 'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
    explanation:
      'Nothing has failed. The worker transcribes at 0.29× real time and will end at 20:20. Until then no other job can start.',
    since: iso(STARTED),
    evidence: [
      evidence('Running', '1 job, Call recording 5454', 'database', 2000, now),
      evidence('Audio length', '1:03:00, 52:12 transcribed', 'worker', 11_000, now),
      evidence('Slots', '1 of 1 taken since 16:43', 'worker', 2000, now),
      evidence('Waiting', '20 queued jobs', 'database', 2000, now),
      evidence('Done', '1069, flat for 3 h 00 min', 'history', 2000, now),
      evidence('Speed', '0.29× real time, median of 30 jobs', 'history', 2000, now),
    ],
    notTheCause: ['0 failed jobs', 'No ERROR, FAIL or Exception in the worker log', 'Heartbeat 40 s ago, limit 15 min'],
    remedies: [
      {
        action: 'cancel-job',
        label: 'Cancel the long job',
        ids: [LONG_JOB],
        params: {},
        effect: 'The next job starts at once. 5 saved chunks are kept. Undo is possible.',
      },
    ],
    places: [{ view: 'job', label: 'Look at the job', job: LONG_JOB }],
  }
}

function smallFinding(systemId: string, headline: string, now: number): Finding {
  return {
    key: `nothing-finishing ${systemId}`,
    rule: 'nothing-finishing',
    severity: 'warning',
    system: systemId,
    headline,
    explanation: 'They need 54 to 96 min; the limit is 30.',
    since: iso(now - 22 * MINUTE),
    evidence: [evidence('Failed', '4 jobs', 'database', 2000, now)],
    notTheCause: [],
    remedies: [{ action: 'retry-jobs', label: 'Retry 4 failed jobs', ids: null, params: {}, effect: null }],
    places: [],
  }
}

const readyHost: LocalHost = {
  engine: { state: 'ready', path: '/opt/unjam/resources/whisper/linux-x64/whisper-cli', version: '1.8.2' },
  models: [{ name: 'ggml-small.bin', path: '/data/models/ggml-small.bin', bytes: 487_601_967 }],
  model: 'ggml-small.bin',
  download: null,
  worker: { state: 'running', pid: 4711, restarts: 0, because: null },
  stackCreation: null,
}

function stuck(now: number): Snapshot {
  const job = longJob(now)
  const hold: AttemptBar = {
    job: LONG_JOB,
    title: LONG_TITLE,
    worker: 'celery@calls-1',
    startedAt: iso(STARTED),
    endedAt: null,
    outcome: 'running',
    audioMs: LONG_MS,
  }
  const read = now - 2000
  const systems = [
    system(now, {
      id: 'calls',
      counts: known(counts(20, 1, 1069, 0, 0), read),
      running: [job],
      workers: known([worker('celery@calls-1', 1, 1, 38_000)], read),
      attempts: [...bars('calls', 'celery@calls-1', 7, 0.6, STARTED - 2 * MINUTE), hold],
      throughput: throughput(now, true, 48),
      broker: {
        queues: known(callQueues(), read),
        tasks: known(callTasks(now), read),
        results: known(noResults, read),
      },
      stack: 'stuck',
    }),
    system(now, {
      id: 'archive',
      counts: known(counts(0, 0, 212, 4, 0), read),
      workers: known([worker('celery@archive-1', 0, 1, 60_000)], read),
      broker: {
        queues: known([queue('celery', 0)], read),
        tasks: known([], read),
        results: known(archiveResults, read),
      },
    }),
    system(now, {
      id: 'crawl',
      kind: 'crawl',
      counts: known(counts(6, 1, 8412, 11, 0), read),
      workers: known([worker('celery@crawl-1', 1, 2, 28_000)], read),
      attempts: bars('crawl', 'celery@crawl-1', 5, 9, now - 20 * MINUTE),
      broker: { queues: known(crawlQueues(), read), tasks: known([], read), results: known(noResults, read) },
    }),
    {
      ...system(now, {
        id: 'qc',
        kind: 'qc',
        counts: lost(counts(3, 2, 540, 1, 0), now - 14 * MINUTE),
        workers: lost([], now - 14 * MINUTE),
      }),
    },
    system(now, {
      id: 'local',
      kind: 'local',
      counts: known(counts(0, 0, 37, 0, 2), read),
      workers: known([worker('this computer', 0, 2, 1000)], read),
      attempts: bars('local', 'this computer', 3, 160, now - 3 * HOUR),
    }),
  ]
  const findings = [
    longFinding(now),
    smallFinding('archive', '4 jobs hit the 30 min limit.', now),
    smallFinding('crawl', '1 run waits 22 min, never started.', now),
  ]
  return { sequence: 1, at: iso(now), systems, host: readyHost, findings, alerts: [] }
}

/** The stack with everything wrong at once: a flood, sick workers and services, and a second broker that is gone. */
function storm(now: number): Snapshot {
  const base = stuck(now)
  const read = now - 2000
  const gone = now - 14 * MINUTE
  const systems = base.systems.flatMap((one) => {
    if (one.id === 'calls')
      return {
        ...one,
        workers: known(stormWorkers(), read),
        queues: known(stormQueues(now), read),
        tasks: known(stormTasks(now), read),
        services: known(servicesOf('storm'), read),
        env: known(envOf('storm'), read),
      }
    if (one.id === 'archive')
      return {
        ...one,
        workers: lost([worker('celery@archive-1', 0, 1, 60_000)], gone),
        queues: lost([queue('celery', 7)], gone),
        tasks: lost([], gone),
        results: lost(archiveResults, gone),
        stack: lost(stackInfo, gone),
        services: lost(servicesOf('stuck'), gone),
        env: lost(envOf('stuck'), gone),
      }
    return one.id === 'local' ? one : []
  })
  return { ...base, systems }
}

function clear(now: number): Snapshot {
  const running = [shortJob(now, 2), shortJob(now, 1), shortJob(now, 3, 'parked')]
  const read = now - 1000
  const live: AttemptBar[] = running.map((job) => ({
    job: job.id,
    title: job.title,
    worker: 'w',
    startedAt: job.startedAt ?? iso(now),
    endedAt: job.phase === 'parked' ? iso(now - MINUTE) : null,
    outcome: 'running',
    audioMs: job.audioMs,
  }))
  const local = system(now, {
    id: 'local',
    kind: 'local',
    counts: known(counts(12, 3, 214, 1, 2), read),
    running,
    workers: known([worker('this computer', 2, 2, 1000)], read),
    attempts: [...bars('local', 'w', 3, 1, now - 10 * MINUTE), ...bars('local', 'w', 5, 1, now - 7 * MINUTE), ...live],
    throughput: throughput(now, false, 61),
  })
  return { sequence: 1, at: iso(now), systems: [local], host: readyHost, findings: [], alerts: [] }
}

function fresh(now: number, building: boolean): Snapshot {
  const none = counts(0, 0, 0, 0, 0)
  const empty = known(
    { doneToday: 0, audioTodayMs: 0, lastDoneAgeMs: null, lastDoneAt: null, buckets: [], speed: null },
    now,
  )
  const local = system(now, {
    id: 'local',
    kind: 'local',
    counts: known(none, now - 1000),
    workers: known([], now - 1000),
    throughput: empty,
  })
  const share = ((now - BASE) / SECOND + 43) % 100
  const host: LocalHost = {
    engine: building ? { state: 'building', percent: share, step: 'ggml-cpu/ggml-cpu.c' } : readyHost.engine,
    models: [],
    model: null,
    download: building
      ? { name: 'small', doneBytes: 120_000_000 + share * 1e6, totalBytes: 487_601_967, failure: null }
      : null,
    worker: {
      state: 'blocked',
      pid: null,
      restarts: 0,
      because: 'There is no model yet. Jobs wait until one is chosen.',
    },
    stackCreation: null,
  }
  return { sequence: 1, at: iso(now), systems: [local], host, findings: [], alerts: [] }
}

function critical(now: number): Snapshot {
  const base = clear(now)
  const [local] = base.systems
  if (local === undefined) throw new Error('no local system')
  const finding: Finding = {
    key: 'no-worker local',
    rule: 'no-worker',
    severity: 'critical',
    system: 'local',
    headline: 'No worker is running. 12 jobs wait.',
    explanation: 'The worker was stopped at 18:02 by admin. Nothing is lost; saved chunks are kept.',
    since: iso(now - 101 * MINUTE),
    evidence: [
      evidence('Waiting', '12 queued jobs, the oldest for 1 h 41 min', 'database', 1000, now),
      evidence('Workers', '0 alive, last heartbeat 1 h 41 min ago', 'database', 1000, now),
      evidence('Model', 'small is ready', 'settings', 1000, now),
    ],
    notTheCause: ['A model is there', 'The engine is built'],
    remedies: [
      {
        action: 'start-worker',
        label: 'Start the worker',
        ids: null,
        params: {},
        effect: 'The first job starts within 3 s. The queue is empty in about 28 min.',
      },
    ],
    places: [{ view: 'worker', label: 'Look at the worker', job: null }],
  }
  const idle = {
    ...local,
    running: known<RunningJob[]>([], now - 1000),
    workers: known<Worker[]>([], now - 1000),
    counts: known(counts(12, 0, 214, 1, 2), now - 1000),
    attempts: known(bars('local', 'w', 3, 1, now - 101 * MINUTE), now),
  }
  return {
    ...base,
    systems: [idle],
    findings: [finding],
    alerts: [],
    host: {
      ...readyHost,
      worker: { state: 'stopped', pid: null, restarts: 0, because: 'It was stopped at 18:02 by admin.' },
    },
  }
}

export function snapshotAt(scenario: Scenario, now: number): Snapshot {
  if (scenario === 'clear') return clear(now)
  if (scenario === 'critical') return critical(now)
  if (scenario === 'storm') return storm(now)
  return scenario === 'stuck' ? stuck(now) : fresh(now, scenario === 'building')
}

const reasons = [
  'TimeLimitExceeded(1800): the attempt ran into its limit of 30 min',
  'The file is not a recording: no sound was found in it',
]

/** The jobs behind the counts, oldest first. */
export function jobsOf(scenario: Scenario, systemId: string, state: JobState, now: number): Job[] {
  const found = snapshotAt(scenario, now).systems.find(({ id }) => id === systemId)
  if (found === undefined) return []
  if (state === 'running' && found.running.status === 'known') return found.running.value
  const total = (found.counts.status === 'known' ? found.counts.value : found.counts.last)?.[state] ?? 0
  const next = random(state.length * 31 + systemId.length)
  return Array.from({ length: total }, (_, n) => {
    const created = STARTED - n * 3 * MINUTE
    const title = `Call recording ${[5454, 4410, 3014, 2207, 86230762][Math.floor(next() * 5)]}_${200_000 + Math.floor(next() * 10_000)}_${100_000 + Math.floor(next() * 69_999)}.m4a`
    const base = {
      system: systemId,
      id: `${state}-${n}`,
      title,
      audioMs: state === 'queued' && n === 6 ? null : Math.floor((0.9 + next() * 8) * MINUTE),
      retryCount: n === 4 ? 1 : 0,
      createdAt: iso(created),
    }
    if (state === 'queued') return { ...base, state, waitingMs: now - created }
    if (state === 'done')
      return { ...base, state, endedAt: iso(created), tookMs: (base.audioMs ?? 0) * 1.4, speed: 0.71 }
    if (state === 'failed')
      return { ...base, state, retryCount: 3, endedAt: '2026-02-04T22:18:32.000Z', error: reasons[n % 2] ?? null }
    return {
      ...base,
      state: 'skipped' as const,
      endedAt: iso(created),
      reason: 'Longer than the limit of 60 min in Settings',
    }
  })
}
