// A job in a slot while it runs: what beats and leases report of it, and how it is interrupted.
import type { SlotBeat } from '../electron/contract/worker-protocol.ts'
import type { Candidate } from './schedule.ts'
import type { Claimed } from './store/claim-job.ts'
import type { LeaseLost } from './store/fence.ts'
import type { LeaseProgress } from './store/renew-lease.ts'

/** Why the work on a job ends before its time. */
export type Cut = LeaseLost['why'] | 'timeout' | 'stop'

/** What a job's signal is aborted with. */
export class Interrupted extends Error {
  readonly cut: Cut
  constructor(cut: Cut) {
    super(`interrupted: ${cut}`)
    this.cut = cut
  }
}

export class LiveJob {
  readonly job: Claimed
  readonly slot: number
  phase: SlotBeat['phase'] = 'probing'
  plan: string | null = null
  audioDoneMs = 0
  audioTotalMs: number | null
  /** Chunks done, those of earlier attempts included. */
  chunk = 0
  chunks: number | null = null
  /** Its end is being written: the lease goes away by our own hand. */
  settling = false
  /** Somebody who came earlier waits while this runs. */
  passedOver: boolean
  readonly #control = new AbortController()
  readonly #since = performance.now()
  #workedFromMs = 0
  #workedSince: number | null = null

  constructor(job: Claimed, slot: number, passedOver: boolean) {
    this.job = job
    this.slot = slot
    this.passedOver = passedOver
    this.audioTotalMs = job.durationMs
  }

  get signal(): AbortSignal {
    return this.#control.signal
  }

  /** The first reason counts. */
  interrupt(cut: Cut): void {
    this.#control.abort(new Interrupted(cut))
  }

  /** Speed is measured from here: what was saved by earlier attempts is not this one's work. */
  beginWork(): void {
    this.#workedSince = performance.now()
    this.#workedFromMs = this.audioDoneMs
  }

  wallMs(): number {
    return performance.now() - this.#since
  }

  /** Audio seconds per wall second of this attempt; null before there is anything to tell. */
  speed(): number | null {
    if (this.#workedSince === null || this.audioDoneMs <= this.#workedFromMs) return null
    return (this.audioDoneMs - this.#workedFromMs) / Math.max(performance.now() - this.#workedSince, 1)
  }

  progress(): LeaseProgress {
    const speed = this.speed()
    const { plan, audioDoneMs, audioTotalMs, chunk: chunksDone, chunks: chunksTotal } = this
    const etaMs = speed === null || audioTotalMs === null ? null : Math.max(audioTotalMs - audioDoneMs, 0) / speed
    return { plan, audioDoneMs, audioTotalMs, chunksDone, chunksTotal, speed, etaMs }
  }

  beat(): SlotBeat {
    const { audioDoneMs, audioTotalMs, speed, etaMs } = this.progress()
    const { slot, phase, chunk, chunks } = this
    const { recording: job, title } = this.job
    return { slot, job, title, phase, audioDoneMs, audioTotalMs, speed, etaMs, chunk, chunks }
  }

  /** As the schedule sees it at the end of a chunk. */
  candidate(assumedMs: number): Candidate {
    return {
      id: this.job.recording,
      waitedMs: this.job.waitedMs,
      remainingMs: Math.max((this.audioTotalMs ?? this.audioDoneMs + assumedMs) - this.audioDoneMs, 1000),
      arrivedMs: this.job.arrivedMs + this.wallMs(),
    }
  }
}
