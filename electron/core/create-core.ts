// The whole program without a window: monitor, jobs, actions and receipts as one value with start and stop.
import { FailureError } from '../contract/failure.ts'
import type { FindingHistoryQuery } from '../contract/finding-life.ts'
import type { Segment, SystemId } from '../contract/job.ts'
import type { Core, JobRef } from './api.ts'
import { withDeadline } from './deadline.ts'
import { readEnvValue, readEnvView } from './env-state.ts'
import { exportTranscript } from './export-transcript.ts'
import { followReceipts } from './follow-receipts.ts'
import { needed } from './missing-part.ts'
import { createMonitor, type MonitorOptions } from './monitor.ts'
import type { History } from './ports/history.ts'
import type { FileFinder } from './ports/jobs.ts'
import type { System } from './ports/system.ts'
import { readLedgers } from './read-ledgers.ts'
import { readLimits } from './read-limits.ts'
import { readReconciliation } from './read-reconciliation.ts'
import { readRunTree } from './read-run-tree.ts'
import { createRecovery } from './recover.ts'
import { type Actions, createActions } from './run-action.ts'

export interface CoreOptions extends MonitorOptions {
  readonly history: History
  readonly files: FileFinder
  newId(): string
  hash(text: string): string
  /** A sentence for an operator about something that was repaired. */
  notice(sentence: string): void
}

const READ_MS = 30_000
/** Hashing a folder of recordings is bounded by the disk, not by us. */
const FIND_MS = 60 * 60_000
const SEGMENTS = 2000
const WEEK_MS = 7 * 24 * 60 * 60_000

export function createCore(options: CoreOptions): Core {
  const { clock, history, files } = options
  const monitor = createMonitor({ ...options, interrupted: (id) => actions.interrupted(id) })
  const actions: Actions = createActions({
    ...options,
    system,
    written: (id) => monitor.refresh(id),
    concluded: (receipt) => follow.add(receipt),
  })
  const follow = followReceipts(options)
  const recovery = createRecovery({ ...options, settle: actions.settle, interrupted: actions.interrupted })

  function system(id: SystemId): System {
    const systems = options.systems()
    const found = systems.find((one) => one.id === id)
    if (found !== undefined) return found
    throw new FailureError({
      kind: 'missing',
      tried: 'Find the system',
      on: id,
      because: 'the settings list no such system',
      remedy:
        systems.length === 0
          ? null
          : `There ${systems.length === 1 ? 'is' : 'are'} ${systems.map((one) => one.id).join(', ')}.`,
    })
  }

  function bounded<T>(
    tried: string,
    on: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    ms = READ_MS,
  ): Promise<T> {
    return withDeadline(clock, ms, signal, { tried, on }, work)
  }

  async function detailOf(ref: JobRef, signal: AbortSignal) {
    const detail = await bounded('Read the job', ref.id, signal, (inner) =>
      system(ref.system).jobs.detail(ref.id, inner),
    )
    if (detail !== null) return detail
    throw new FailureError({
      kind: 'missing',
      tried: 'Read the job',
      on: ref.id,
      because: `${ref.system} has no such job (any more)`,
      remedy: null,
    })
  }

  async function allSegments(ref: JobRef, signal: AbortSignal): Promise<Segment[]> {
    const all: Segment[] = []
    for (let from: number | null = 0; from !== null; ) {
      const start: number = from
      const page = await bounded('Read the transcript', ref.id, signal, (inner) =>
        system(ref.system).jobs.segments(ref.id, start, SEGMENTS, inner),
      )
      all.push(...page.segments)
      from = page.next
    }
    return all
  }

  /** Interrupted changes that nobody can settle: their system is not in the settings any more. */
  function orphans(): string[] {
    const ids = new Set(options.systems().map((one) => one.id))
    return history
      .open()
      .filter((intent) => !ids.has(intent.system))
      .map(
        ({ title, system: id }) =>
          `“${title}” on ${id} was interrupted, and the settings list no system ${id} any more: what it did is not checked. Add the system again to have it settled.`,
      )
  }

  return {
    start() {
      for (const sentence of orphans()) options.notice(sentence)
      monitor.start()
      follow.start()
      recovery.start()
    },
    async settle() {
      const open = new Set(history.open().map((intent) => intent.system))
      await Promise.all(options.systems().flatMap((one) => (open.has(one.id) ? [actions.settle(one)] : [])))
    },
    async stop() {
      await Promise.all([monitor.stop(), recovery.stop(), actions.idle(), follow.stop()])
    },
    read: monitor.read,
    latest: monitor.snapshot,
    watch: monitor.watch,
    page: async (query, signal) =>
      bounded('Read the jobs', query.system, signal, (inner) => system(query.system).jobs.page(query, inner)),
    detail: detailOf,
    async transcript({ from, limit, ...ref }, signal) {
      const page = await bounded('Read the transcript', ref.id, signal, (inner) =>
        system(ref.system).jobs.segments(ref.id, from, limit, inner),
      )
      return { segments: [...page.segments], next: page.next }
    },
    async export({ format, ...ref }, signal) {
      const { job } = await detailOf(ref, signal)
      if (job.state !== 'done')
        throw new FailureError({
          kind: 'missing',
          tried: 'Export the transcript',
          on: job.title,
          because: `the job is ${job.state}, so there is no transcript yet`,
          remedy: null,
        })
      return exportTranscript(job.title, await allSegments(ref, signal), format)
    },
    mediaPath: async (ref, signal) =>
      bounded('Find the recording', ref.id, signal, (inner) => system(ref.system).jobs.mediaPath(ref.id, inner)),
    ledgers: async (ref, signal) => {
      const { job } = await detailOf(ref, signal)
      return bounded('Read the ledgers', ref.id, signal, (inner) => readLedgers(system(ref.system), job, inner))
    },
    runTree: async (id, signal) => bounded('Read the runs', id, signal, (inner) => readRunTree(system(id), inner)),
    limits: async (id, signal) => bounded('Compare time limits', id, signal, (inner) => readLimits(system(id), inner)),
    reconcile: async (id, signal) =>
      bounded('Compare the ledgers', id, signal, (inner) => readReconciliation(system(id), inner)),
    messages: async (query, signal) =>
      bounded('Read the messages', query.queue, signal, (inner) =>
        needed(system(query.system), 'broker', 'Read the messages').queues.messages(query, inner),
      ),
    queueJobs: async (query, signal) =>
      bounded('Read the jobs of a queue', query.queue, signal, (inner) =>
        needed(system(query.system), 'broker', 'Read the jobs of a queue').queues.jobs(query, inner),
      ),
    results: async (query, signal) =>
      bounded('Read the past attempts', query.system, signal, (inner) =>
        needed(system(query.system), 'broker', 'Read the past attempts').results.page(query, inner),
      ),
    quarantines: async (id, signal) =>
      bounded('List the quarantines', id, signal, async (inner) =>
        (await needed(system(id), 'broker', 'List the quarantines').quarantine.kept(inner)).map(
          ({ operation, queue, rule, moved, until }) => ({ operation, queue, rule, messages: moved, until }),
        ),
      ),
    serviceLogs: async (query, signal) =>
      bounded('Read the log', query.service, signal, (inner) =>
        needed(system(query.system), 'stack', 'Read the log').logs(query, inner),
      ),
    reveal: async (id, key, signal) =>
      bounded('Show a value of .env', id, signal, (inner) =>
        readEnvValue(needed(system(id), 'env', 'Show a value of .env'), key, inner),
      ),
    env: async (id, signal) =>
      bounded('Read the .env', id, signal, (inner) =>
        readEnvView(needed(system(id), 'env', 'Read the .env'), system(id).stack, inner),
      ),
    async add(id, paths, signal) {
      const to = system(id).jobs
      const { add } = await bounded('Add files', id, signal, (inner) => to.abilities(inner))
      if (!add.can)
        throw new FailureError({
          kind: 'unsupported',
          tried: 'Add files',
          on: id,
          because: add.because.replace(/\.$/, ''),
          remedy: null,
        })
      const found = await bounded('Find the files', id, signal, (inner) => files.find(paths, inner), FIND_MS)
      if (found.files.length === 0) return { added: [], duplicates: [], refused: [...found.refused] }
      const report = await to.add(found.files)
      monitor.refresh(id)
      return { ...report, refused: [...found.refused, ...report.refused] }
    },
    actions: actions.list,
    preview: actions.preview,
    execute: actions.execute,
    receipts: (limit, before) => [...history.list(limit, before)],
    undo: actions.undo,
    acknowledge: (key, caller) => monitor.say(key, { change: 'acknowledged' }, caller.actor),
    snooze: (key, minutes, caller) =>
      monitor.say(
        key,
        { change: 'snoozed', until: new Date(clock.nowMs() + minutes * 60_000).toISOString() },
        caller.actor,
      ),
    wake: (key, caller) => monitor.say(key, { change: 'woken' }, caller.actor),
    episodes({ from, to = new Date(clock.nowMs() + 1).toISOString(), limit }: FindingHistoryQuery) {
      return monitor.episodes(from ?? new Date(Date.parse(to) - WEEK_MS).toISOString(), to, limit)
    },
  }
}
