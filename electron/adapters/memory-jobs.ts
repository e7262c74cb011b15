// The reference JobSystem: everything in memory, seedable, on an injected clock. Passes the battery Postgres passes.
import { FailureError } from '../contract/failure.ts'
import type { RunningJob, SystemId, SystemKind } from '../contract/job.ts'
import type { Limits, Worker } from '../contract/snapshot.ts'
import type { Abilities, Ability, JobRow, JobSystem, JobWrite, NewFile, Written } from '../core/ports/jobs.ts'
import type { Clock } from '../core/ports/local.ts'
import { fromSeed, type MemoryJob, type SeedJob, toJob, toRow } from './memory-job.ts'
import { lengths } from './memory-lengths.ts'
import { page } from './memory-page.ts'
import { throughput } from './memory-throughput.ts'
import { allOrNothing } from './memory-transaction.ts'
import { outOfTime } from './postgres/failures.ts'
import { undoVerdict, verdict } from './postgres/verdict.ts'

export interface MemoryOptions {
  readonly id: SystemId
  readonly kind?: SystemKind
  readonly clock: Pick<Clock, 'nowMs'>
  readonly limits?: Limits
  /** Abilities it is to lack, each with its sentence. */
  readonly cannot?: Partial<Record<Ability, string>>
}

export interface MemoryJobs extends JobSystem {
  /** Adds jobs, replacing those with the same id. */
  seed(jobs: readonly SeedJob[]): void
  /** The world moves: overwrites fields of one stored job. */
  change(id: string, patch: Partial<MemoryJob>): void
  setWorkers(workers: readonly Worker[]): void
  /** From now on every read and write fails like this; null heals it. */
  breakWith(failure: FailureError | null): void
  jobs(): readonly MemoryJob[]
}

const names: readonly Ability[] = [
  'add',
  'retry',
  'skip',
  'fail',
  'release',
  'cancel',
  'remove',
  'take-over',
  'finalize',
  'attempts',
  'transcript',
]

export function memoryJobs({ id: system, kind = 'local', clock, limits, cannot = {} }: MemoryOptions): MemoryJobs {
  const stored = new Map<string, MemoryJob>()
  let workers: readonly Worker[] = []
  let broken: FailureError | null = null
  let nextId = 1

  /** Every verb goes through here: an aborted or broken source rejects, it never answers with nothing. */
  async function answer<T>(signal: AbortSignal | null, read: (now: number) => T): Promise<T> {
    if (signal?.aborted) throw outOfTime('Read the jobs', system, signal.reason)
    if (broken !== null) throw broken
    return read(clock.nowMs())
  }
  const need = (ability: Ability, tried: string) => {
    const because = cannot[ability]
    if (because !== undefined) throw new FailureError({ kind: 'unsupported', tried, on: system, because, remedy: null })
  }
  const row = (job: MemoryJob, now: number) => toRow(job, system, now)

  function write(rows: readonly JobRow[], order: JobWrite, now: number): Written {
    const changed: { before: JobRow; after: JobRow | null }[] = []
    const left: { id: string; because: string }[] = []
    for (const { id, fingerprint } of rows) {
      const job = stored.get(id)
      const before = job && row(job, now)
      if (job === undefined || before === undefined) left.push({ id, because: 'it is gone' })
      else if (before.fingerprint !== fingerprint)
        left.push({ id, because: `it changed meanwhile and is ${job.state} now` })
      else {
        const decided = verdict(before, order)
        if (decided.do === 'leave') left.push({ id, because: decided.because })
        else {
          const after = carryOut(job, decided, order, now)
          if (after === null) stored.delete(id)
          else stored.set(id, after)
          changed.push({ before, after: after && row(after, now) })
        }
      }
    }
    return { changed, left }
  }

  function restore(changed: Written['changed'], now: number) {
    let restored = 0
    const left: { id: string; because: string }[] = []
    for (const { before, after } of changed) {
      const job = stored.get(before.id)
      const decided = undoVerdict(job === undefined ? null : row(job, now), after)
      const was: MemoryJob = JSON.parse(before.image)
      const twin = decided.do === 'insert' && bySha256(was.sha256)
      if (decided.do === 'leave') left.push({ id: before.id, because: decided.because })
      else if (twin) left.push({ id: before.id, because: `the same bytes were added again as ${twin.title}` })
      else {
        stored.set(before.id, decided.do === 'requeue' ? { ...was, state: 'queued', lease: null } : was)
        restored++
      }
    }
    return { restored, left }
  }

  const bySha256 = (sha256: string | null) =>
    sha256 === null ? undefined : [...stored.values()].find((job) => job.sha256 === sha256)

  function add(files: readonly NewFile[], now: number) {
    const report = { added: [] as Added[], duplicates: [] as Added[], refused: [] }
    for (const { path, title, sha256 } of files) {
      const twin = bySha256(sha256)
      if (twin !== undefined) report.duplicates.push({ id: twin.id, title: twin.title, path })
      else {
        const id = `added-${nextId++}`
        stored.set(id, fromSeed({ id, title, path, sha256, state: 'queued' }, now))
        report.added.push({ id, title, path })
      }
    }
    return report
  }

  return {
    id: system,
    kind,
    seed: (jobs) => {
      for (const job of jobs) stored.set(job.id, fromSeed(job, clock.nowMs()))
    },
    change: (id, patch) => {
      const job = stored.get(id)
      if (job === undefined) throw new Error(`no job ${id} is seeded`)
      stored.set(id, { ...job, ...patch })
    },
    setWorkers: (next) => {
      workers = next
    },
    breakWith: (failure) => {
      broken = failure
    },
    jobs: () => [...stored.values()],

    abilities: (signal) =>
      answer(signal, () => {
        const can = names.map((name) => {
          const because = cannot[name]
          return [name, because === undefined ? { can: true } : { can: false, because }]
        })
        return Object.fromEntries(can) as Abilities
      }),
    counts: (signal) =>
      answer(signal, () => {
        const counts = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
        for (const { state } of stored.values()) counts[state]++
        return counts
      }),
    running: (limit, signal) =>
      answer(signal, (now) =>
        [...stored.values()]
          .map((job) => toJob(job, system, now))
          .filter((job): job is RunningJob => job.state === 'running')
          .sort((a, b) => (b.elapsedMs ?? -1) - (a.elapsedMs ?? -1))
          .slice(0, limit),
      ),
    workers: (signal) => answer(signal, () => workers),
    throughput: (signal) => answer(signal, (now) => throughput([...stored.values()], now)),
    recentAttempts: (windowMs, limit, signal) =>
      answer(signal, (now) => {
        need('attempts', 'Read the attempts')
        const bars = [...stored.values()].flatMap(({ id, title, attempts }) =>
          attempts.map(({ worker, startedAt, endedAt, outcome, audioMs }) => {
            return { job: id, title, worker: worker ?? 'unknown', startedAt, endedAt, outcome, audioMs }
          }),
        )
        const recent = bars.filter(({ startedAt }) => Date.parse(startedAt) >= now - windowMs)
        return limit === 0 ? [] : recent.sort((a, b) => a.startedAt.localeCompare(b.startedAt)).slice(-limit)
      }),
    limits: (signal) =>
      answer(signal, () => limits ?? { taskTimeoutMs: null, heartbeatLimitMs: 900_000, maxRetries: 3 }),
    lengths: (overMs, signal) => answer(signal, () => lengths([...stored.values()], overMs)),
    page: (query, signal) => answer(signal, (now) => page([...stored.values()], query, system, now)),
    detail: (id, signal) =>
      answer(signal, (now) => {
        const job = stored.get(id)
        if (job === undefined) return null
        const fact = (label: string, value: string | null) => ({ label, value, source: 'memory' })
        const facts = [fact('id', job.id), fact('status', job.state), fact('path', job.path), fact('error', job.error)]
        const attempts = cannot.attempts === undefined ? [...job.attempts] : []
        return { job: toJob(job, system, now), attempts, facts, segmentCount: job.segments.length, playable: false }
      }),
    attempts: (id, signal) =>
      answer(signal, () => {
        need('attempts', 'Read the attempts')
        return stored.get(id)?.attempts ?? []
      }),
    segments: (id, from, limit, signal) =>
      answer(signal, () => {
        need('transcript', 'Read the transcript')
        const all = stored.get(id)?.segments ?? []
        return { segments: all.slice(from, from + limit), next: from + limit < all.length ? from + limit : null }
      }),
    mediaPath: (_id, signal) => answer(signal, () => null),
    rows: (selector, limit, signal) =>
      answer(signal, (now) => {
        const chosen =
          selector.kind === 'ids'
            ? [...new Set(selector.ids)].flatMap((id) => stored.get(id) ?? [])
            : [...stored.values()].filter(({ state }) => selector.states.includes(state))
        return chosen.slice(0, limit).map((job) => row(job, now))
      }),
    write: (rows, order, beforeCommit) =>
      answer(null, (now) => {
        need(order.verb, `Write "${order.verb}"`)
        return allOrNothing(stored, () => write(rows, order, now), beforeCommit)
      }),
    restore: (changed, beforeCommit) =>
      answer(null, (now) => allOrNothing(stored, () => restore(changed, now), beforeCommit)),
    outcome: async () => 'unknown',
    add: (files) =>
      answer(null, (now) => {
        need('add', 'Add files')
        return add(files, now)
      }),
    close: async () => stored.clear(),
  }
}

type Added = { id: string; title: string; path: string }

function carryOut(
  job: MemoryJob,
  decided: Exclude<ReturnType<typeof verdict>, { do: 'leave' }>,
  write: JobWrite,
  now: number,
): MemoryJob | null {
  if (decided.do === 'remove') return null
  if (decided.do === 'take') return { ...job, state: 'running', lease: takenLease(now), heartbeatAt: now }
  if (decided.do === 'ask') return { ...job, lease: job.lease && { ...job.lease, state: 'cancelling' } }
  if (decided.to === 'queued')
    return { ...job, state: 'queued', lease: null, ...(write.verb === 'retry' ? { retryCount: 0, error: null } : {}) }
  const reason = write.verb === 'skip' || write.verb === 'fail' ? write.reason : 'Cancelled.'
  return { ...job, state: decided.to, error: reason ?? job.error, lease: null, endedAt: now, heartbeatAt: now }
}

const takenLease = (now: number): MemoryJob['lease'] => ({
  ...{ state: 'parked', live: false, worker: null, audioDoneMs: 0, audioTotalMs: null, speed: null, etaMs: null },
  ...{ chunksDone: 0, chunksTotal: null, movedAt: now },
})
