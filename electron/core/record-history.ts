// Records what is read: every few seconds for hours, every minute for a day, every ten minutes for 30 days.
import type { SystemId } from '../contract/job.ts'
import { isSample, SAMPLE_PREFIX } from '../contract/sample.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { nap } from './deadline.ts'
import type { Clock } from './ports/local.ts'
import type { Records, Resolution } from './ports/records.ts'
import { momentOf } from './recorded-moment.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Finer than this a chart cannot show, and a person does not remember. */
export const EVERY_MS = 5 * SECOND
/** Nothing changed: still written once a minute, so that silence is told from not looking. */
const AT_LEAST_MS = MINUTE
const COARSE_MS = 10 * MINUTE
const PRUNE_MS = 10 * MINUTE
/** Two hours are what one looks back at while it happens; a day and a bit is “since yesterday”. */
export const KEPT_MS: Readonly<Record<Resolution, number>> = { fine: 2 * HOUR, minute: 26 * HOUR, coarse: 30 * DAY }

export interface RecorderOptions {
  readonly clock: Clock
  readonly records: Records
  /** The newest snapshot there is; nothing is read for it. */
  latest(): Snapshot
  onBug(where: string, error: unknown): void
}

export interface Recorder {
  start(): void
  stop(): Promise<void>
}

/** It runs beside the monitor, on its own time: a slow disk delays no reading. */
export function recordHistory({ clock, records, latest, onBug }: RecorderOptions): Recorder {
  let running: { stop: AbortController; ended: Promise<void> } | null = null
  let last: { sequence: number; ms: number; samples: readonly SystemId[] } | null = null
  let prunedMs = Number.NEGATIVE_INFINITY

  function record(): void {
    const snapshot = latest()
    const ms = clock.nowMs()
    if (ms - prunedMs >= PRUNE_MS) prune(ms)
    if (last !== null && snapshot.sequence === last.sequence && ms - last.ms < AT_LEAST_MS) return
    const { systems } = momentOf(snapshot)
    if (systems.length === 0) return
    const samples = systems.map(({ id }) => id).filter(isSample)
    // A sample that was left is gone, its past with it, also where another has taken its place.
    for (const id of last?.samples ?? []) if (!samples.includes(id)) records.forget(id)
    // By its time of writing: what has not changed since is as true now as it was then.
    records.append({ at: clock.now(), systems }, resolutionOf(ms, last?.ms ?? null))
    last = { sequence: snapshot.sequence, ms, samples }
  }

  function prune(ms: number): void {
    // Samples end with the process; one that did not end well may have left its past.
    if (prunedMs === Number.NEGATIVE_INFINITY) records.forget(SAMPLE_PREFIX)
    prunedMs = ms
    records.prune({ fine: ms - KEPT_MS.fine, minute: ms - KEPT_MS.minute, coarse: ms - KEPT_MS.coarse })
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (await nap(clock, EVERY_MS, signal)) {
      try {
        record()
      } catch (error) {
        onBug('the history of readings', error)
      }
    }
  }

  return {
    start() {
      if (running !== null) return
      const stop = new AbortController()
      running = { stop, ended: run(stop.signal) }
    },
    async stop() {
      const was = running
      running = null
      was?.stop.abort(new Error('stopped'))
      await was?.ended
    },
  }
}

/** The first moment of a minute or of ten stays when the finer ones between them go. */
export function resolutionOf(ms: number, lastMs: number | null): Resolution {
  const begins = (length: number) => lastMs === null || Math.floor(ms / length) !== Math.floor(lastMs / length)
  return begins(COARSE_MS) ? 'coarse' : begins(MINUTE) ? 'minute' : 'fine'
}
