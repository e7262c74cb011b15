// A core over a bundle: the chosen moment is its present, and everything that would change something is refused.
import type { Bundle, Replay } from '../contract/bundle.ts'
import { FailureError, type Instant } from '../contract/failure.ts'
import type { Archive, Core } from './api.ts'
import { episodesOf } from './finding-episodes.ts'
import { liveStream } from './live-stream.ts'
import { snapshotAt } from './replay-snapshot.ts'

/** Why nothing can be done here, as one sentence everywhere. */
export function onlyLooking(tried: string): FailureError {
  return new FailureError({
    kind: 'unsupported',
    tried,
    on: 'a bundle',
    because: 'it is a record of the past, and nothing in it can be read anew or changed',
    remedy: 'Do it in the Unjam that watches the system.',
  })
}

export interface ReplayCore {
  readonly core: Core
  readonly replay: Pick<Archive, 'replay' | 'seek' | 'open'>
}

export function replayCore(bundle: Bundle): ReplayCore {
  let at: Instant = bundle.to
  let sequence = bundle.snapshot.sequence
  const streams = new Set<ReturnType<typeof liveStream>>()
  const now = () => snapshotAt(bundle, at, sequence)
  const no = (tried: string) => Promise.reject(onlyLooking(tried))
  const refuse = (tried: string) => (): never => {
    throw onlyLooking(tried)
  }
  const told = (): Replay => {
    const { made, from, to, anonymous } = bundle
    return { made, from, to, at, anonymous }
  }

  const core: Core = {
    start: () => undefined,
    settle: async () => undefined,
    stop: async () => {
      for (const stream of streams) stream.end()
    },
    read: async () => now(),
    latest: now,
    async *watch(signal) {
      const stream = liveStream(now())
      streams.add(stream)
      try {
        yield* stream.events(signal)
      } finally {
        streams.delete(stream)
      }
    },
    async page({ system, state }) {
      const { running } = now().systems.find(({ id }) => id === system) ?? {}
      if (state !== 'running' || running?.status !== 'known') throw onlyLooking(`List the ${state} jobs`)
      return { jobs: running.value, cursor: null }
    },
    detail: () => no('Read the job'),
    transcript: () => no('Read the transcript'),
    export: () => no('Export the transcript'),
    mediaPath: async () => null,
    runTree: () => no('Read the parts of the run'),
    limits: () => no('Compare limits'),
    reconcile: () => no('Compare the ledgers'),
    ledgers: () => no('Read the ledgers'),
    messages: () => no('Read the messages'),
    queueJobs: () => no('Read the jobs of a queue'),
    results: () => no('Read the past attempts'),
    quarantines: () => no('List the quarantines'),
    serviceLogs: () => no('Read the log'),
    reveal: () => no('Show a value of .env'),
    env: () => no('Read the .env'),
    add: () => no('Add files'),
    actions: async () => [],
    preview: () => no('Preview the action'),
    execute: () => no('Carry out the action'),
    receipts(limit, before) {
      const newest = bundle.receipts.toSorted((a, b) => (a.at < b.at ? 1 : -1))
      const from = before === null ? 0 : newest.findIndex(({ id }) => id === before) + 1
      return newest.slice(from, from + limit)
    },
    undo: () => no('Undo the change'),
    acknowledge: refuse('Acknowledge the finding'),
    snooze: refuse('Snooze the finding'),
    wake: refuse('Wake the finding'),
    episodes: ({ from, to, limit }) =>
      episodesOf(bundle.findings.filter((event) => event.at <= (to ?? bundle.to)))
        .filter(({ clearedAt }) => from === undefined || clearedAt === null || clearedAt >= from)
        .slice(0, limit),
  }

  return {
    core,
    replay: {
      replay: told,
      seek(moment) {
        // Instants sort as text: the middle one of three lies inside.
        at = [bundle.from, moment, bundle.to].toSorted()[1] ?? bundle.to
        sequence++
        // Whoever watches begins again with the new present.
        for (const stream of streams) stream.end()
        return told()
      },
      open: () => no('Open another bundle'),
    },
  }
}
