// The jobs of a QC service as a job system: what its debug endpoint lists, and a sentence for what it does not tell.
import type { Job, JobState, SystemId } from '../../contract/job.ts'
import type { QcTexts } from '../../contract/qc-texts.ts'
import type { Counts } from '../../contract/snapshot.ts'
import type { JobRow, JobSystem } from '../../core/ports/jobs.ts'
import type { Dependencies, Recovery } from '../../core/ports/system.ts'
import { count, fieldsOf, pick, text } from './answer.ts'
import { detailOf } from './job-facts.ts'
import { listPage } from './list-page.ts'
import { movement } from './movement.ts'
import { qcAbilities, unsupported } from './qc-abilities.ts'
import type { QcApi, Told } from './qc-api.ts'
import type { Debug, ListedJob } from './read-debug.ts'
import { retryOne } from './retry.ts'
import { type Moment, type StatedJob, standsStill, stated, toJob, toRow } from './to-job.ts'

export interface QcOptions {
  readonly id: SystemId
  readonly texts: QcTexts
  /** Opened on every use: a token that cannot be found is a failed reading, not a system that cannot be made. */
  api(): QcApi
}

export interface QcSystem {
  readonly jobs: JobSystem
  readonly dependencies: Dependencies
  readonly recovery: Recovery
}

/** The debug endpoint lists at most so many jobs, and then counts only those. */
const LISTED = 100
const WRITE_MS = 110_000
const NOT_LISTED = 'the service does not list it, so its state is unknown'

export function qcSystem({ id, texts, api }: QcOptions): QcSystem {
  const moved = movement()
  const never = async (tried: string, because: string): Promise<never> => {
    throw unsupported(tried, id, because)
  }

  async function debug(signal: AbortSignal): Promise<{ value: Debug; moment: Moment }> {
    const { value, readMs, serverMs }: Told<Debug> = await api().debug(signal)
    const nowMs = Date.now()
    moved.watch(value.jobs, readMs)
    const server = value.at === null ? serverMs : Date.parse(value.at)
    return { value, moment: { system: id, serverMs: server + nowMs - readMs, nowMs, movement: moved } }
  }

  async function counts(signal: AbortSignal): Promise<Counts> {
    const { value } = await debug(signal)
    if (value.counts !== null && total(value.counts) < LISTED) return value.counts
    const all = await api()
      .health(signal)
      .then(
        ({ value }) => value.counts,
        // The health is a reading of its own, and says itself why it failed.
        () => null,
      )
    const best = all ?? value.counts
    if (best === null)
      throw unsupported('Count the QC jobs', id, 'neither its debug endpoint nor its health counts jobs')
    return best
  }

  /** Jobs of one state; that none is listed of many is not an empty list. */
  async function listed(state: JobState, signal: AbortSignal): Promise<{ jobs: Job[]; moment: Moment }> {
    const { value, moment } = await debug(signal)
    const found = value.jobs.filter(stated).filter((job) => job.state === state)
    const some = value.counts === null ? null : value.counts[state]
    if (found.length === 0 && some !== 0)
      throw unsupported(
        'List the jobs',
        id,
        `the service lists no ${state} jobs${some === null ? '' : `, only how many`}`,
      )
    return { jobs: found.map((job) => toJob(job, moment)), moment }
  }

  async function rows(ids: readonly string[] | null, states: readonly JobState[], signal: AbortSignal) {
    api().forget()
    const { value, moment } = await debug(signal)
    const known = new Map(value.jobs.map((job) => [job.id, job]))
    if (ids === null) {
      const found = value.jobs.filter(stated).filter(({ state }) => states.includes(state))
      const missing = states.find((state) => !found.some((job) => job.state === state) && value.counts?.[state] !== 0)
      if (found.length === 0 && missing !== undefined)
        throw unsupported('List the jobs', id, `the service lists no ${missing} jobs; name them by id`)
      return found.map((job) => toRow(job, moment))
    }
    // A service that lists only stuck jobs still retries any: its word decides.
    const whole = value.counts !== null && total(value.counts) <= value.jobs.length
    return [...new Set(ids)].flatMap((one): JobRow[] => {
      const job = known.get(one) ?? (whole ? null : unlisted(one))
      return job === null ? [] : [toRow(stated(job) ? job : { ...unlisted(one), title: job.title }, moment)]
    })
  }

  const jobs: JobSystem = {
    id,
    kind: 'qc',
    abilities: async () => qcAbilities,
    counts,
    async running(limit, signal) {
      const { jobs } = await listed('running', signal)
      return jobs
        .flatMap((job) => (job.state === 'running' ? [job] : []))
        .sort((a, b) => (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0))
        .slice(0, limit)
    },
    workers: () => never('Read the workers', 'the service tells nothing of its workers'),
    throughput: () => never('Read the throughput', 'the service does not tell when jobs ended'),
    recentAttempts: () => never('Read the attempts', 'the service tells nothing of attempts'),
    limits: () => never('Read the limits', 'the service does not tell its limits'),
    lengths: () => never('Count how long jobs are', 'the service does not tell how long files are'),
    async page(query, signal) {
      const { jobs } = await listed(query.state, signal)
      const ended = (job: Job) => ('endedAt' in job ? job.endedAt : job.state === 'running' ? job.startedAt : null)
      return listPage(jobs, query, {
        created: (job) => job.createdAt,
        updated: ended,
        title: (job) => job.title.toLowerCase(),
        audio: () => null,
      })
    },
    async detail(job, signal) {
      const { value, moment } = await debug(signal)
      const found = value.jobs.find((one) => one.id === job)
      return found === undefined || !stated(found) ? null : detailOf(found, toJob(found, moment))
    },
    attempts: async () => [],
    segments: async () => ({ segments: [], next: null }),
    mediaPath: async () => null,
    rows: (selector, limit, signal) =>
      (selector.kind === 'ids' ? rows(selector.ids, [], signal) : rows(null, selector.states, signal)).then((found) =>
        found.slice(0, limit),
      ),
    async write(frozen, write) {
      if (write.verb !== 'retry') return never(`Write jobs (${write.verb})`, 'the service has no such order')
      const signal = AbortSignal.timeout(WRITE_MS)
      const now = await rows(
        frozen.map((row) => row.id),
        [],
        signal,
      )
      const changed: { before: JobRow; after: null }[] = []
      const left: { id: string; because: string }[] = []
      for (const before of frozen) {
        if (now.find((row) => row.id === before.id)?.fingerprint !== before.fingerprint) {
          left.push({ id: before.id, because: 'it has changed since the preview' })
          continue
        }
        const because = await retryOne(api(), before, signal)
        if (because === null) changed.push({ before, after: null })
        else left.push(because)
      }
      return { changed, left }
    },
    outcome: async () => 'unknown',
    restore: () => never('Put jobs back', 'the service has no order that takes a retry back'),
    add: () => never('Add files', 'QC jobs are added by the program that owns them'),
    close: async () => undefined,
  }

  const stuck: Recovery['stuck'] = async (signal) => {
    api().forget()
    const { value, moment } = await debug(signal)
    return value.jobs
      .filter(stated)
      .filter((job) => job.stuck || standsStill(toJob(job, moment)))
      .map((job) => toRow(job, moment))
  }
  const order = (action: string, tried: string, signal: AbortSignal) => api().order('debug', { action }, tried, signal)
  const recovery: Recovery = {
    texts,
    stuck,
    async cancelStuck(signal) {
      const fields = fieldsOf(await order('cancel_stuck', 'Cancel the stuck jobs', signal)) ?? {}
      return { told: count(pick(fields, 'cancelled', 'canceled', 'cancelledjobs', 'jobids', 'count')) }
    },
    async triggerWorker(signal) {
      const fields = fieldsOf(await order('trigger_worker', 'Trigger the worker', signal)) ?? {}
      return { told: text(pick(fields, 'message', 'status'))?.slice(0, 200) ?? null }
    },
    command: (action) => `POST /api/qc/debug\n{"action": "${action}"}`,
  }
  const dependencies: Dependencies = {
    read: async (signal) => (await api().health(signal)).value.dependencies,
  }
  return { jobs, dependencies, recovery }
}

function total(counts: Counts): number {
  return counts.queued + counts.running + counts.done + counts.failed + counts.skipped
}

function unlisted(id: string): StatedJob {
  const unknown = { percent: null, createdAt: null, startedAt: null, updatedAt: null, endedAt: null }
  const job: ListedJob = { id, title: id, state: 'failed', stuck: false, error: NOT_LISTED, ...unknown }
  return { ...job, state: 'failed' }
}
