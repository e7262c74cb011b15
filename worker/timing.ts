// How often a worker says and asks things, in ms. Tests shorten these; nothing else may.

export interface Timing {
  /** A beat line to the supervisor. */
  readonly lineMs: number
  /** `unjam.worker.beat_at`. */
  readonly workerBeatMs: number
  /** `updated_at` of held and parked jobs; the runbooks call a job stuck after 15 minutes without. */
  readonly jobBeatMs: number
  /** A lease not renewed for this long may be taken by anybody. */
  readonly leaseMs: number
  /** Progress to the lease, which renews it. */
  readonly progressMs: number
  /** Looks for cancelled and lost leases; with the kill itself a cancelled job is gone within 2 s. */
  readonly watchMs: number
  /** An idle slot looks for work, unless a hint comes first. */
  readonly pollMs: number
  /** A worker of this machine that missed beats for so long is checked for being alive. */
  readonly silentMs: number
  /** The longest pause between two tries while the database is away. */
  readonly backOffMs: number
}

export const productionTiming: Timing = {
  lineMs: 1000,
  workerBeatMs: 5000,
  jobBeatMs: 30_000,
  leaseMs: 60_000,
  progressMs: 2000,
  watchMs: 400,
  pollMs: 1000,
  silentMs: 7000,
  backOffMs: 10_000,
}
