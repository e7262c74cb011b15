// The jobs of a sample QC service: some stand still as in runbook 4, the others move on, and its orders have their effect.

export interface SampleQcJob {
  readonly id: string
  readonly file: string
  status: 'queued' | 'running' | 'completed' | 'failed'
  progress: number
  error: string | null
  readonly createdMs: number
  startedMs: number
  movedMs: number
  endedMs: number | null
  /** Why it stands still; null moves. */
  held: 'database' | 'drive' | 'memory' | 'ffmpeg' | null
}

export interface SampleQcJobs {
  readonly all: readonly SampleQcJob[]
  stuck(): readonly SampleQcJob[]
  counts(): Readonly<Record<SampleQcJob['status'], number>>
  /** Google's token is expired until a job that waits for Drive is retried: the sample reconnects it then. */
  driveConnected(): boolean
  retry(ids: readonly string[]): number
  cancelStuck(): number
  /** FFmpeg is started anew, and auto-recovery runs again. */
  trigger(): void
  tick(): void
}

const STUCK_MS = 2 * 60_000
/** As the service's own limit of concurrent jobs. */
const SLOTS = 2
const PERCENT_PER_TICK = 6
/** Its cycle is 2 minutes; a sample shows it sooner. */
const RECOVERY_TICKS = 10
const statuses = ['queued', 'running', 'completed', 'failed'] as const

export function sampleQcJobs(all: readonly SampleQcJob[], nowMs: () => number): SampleQcJobs {
  let recoveryIn: number | null = null
  const fromDrive = all.filter(({ held }) => held === 'drive')
  let drive = fromDrive.length === 0
  const stuck = () => all.filter((job) => job.status === 'running' && nowMs() - job.movedMs > STUCK_MS)
  const fail = (job: SampleQcJob, error: string) =>
    Object.assign(job, { status: 'failed', error, held: null, endedMs: nowMs() })

  function move(job: SampleQcJob): void {
    job.progress = Math.min(100, job.progress + PERCENT_PER_TICK)
    job.movedMs = nowMs()
    if (job.progress === 100) Object.assign(job, { status: 'completed', endedMs: nowMs() })
  }

  return {
    all,
    stuck,
    counts() {
      const n = (status: SampleQcJob['status']) => all.filter((job) => job.status === status).length
      return { queued: n('queued'), running: n('running'), completed: n('completed'), failed: n('failed') }
    },
    driveConnected: () => drive,
    retry(ids) {
      const chosen = all.filter(({ id, status }) => ids.includes(id) && status !== 'completed')
      for (const job of chosen) {
        if (fromDrive.includes(job)) drive = true
        Object.assign(job, { status: 'queued', progress: 0, error: null, held: null, movedMs: nowMs(), endedMs: null })
      }
      return chosen.length
    },
    cancelStuck() {
      const some = stuck()
      for (const job of some) fail(job, 'Cancelled - job was stuck')
      return some.length
    },
    trigger() {
      for (const job of all) if (job.held === 'ffmpeg') Object.assign(job, { held: null, movedMs: nowMs() })
      recoveryIn = RECOVERY_TICKS
    },
    tick() {
      const moving = all.filter((job) => job.status === 'running' && job.held === null)
      for (const job of moving) move(job)
      const waiting = all.filter(({ status }) => status === 'queued')
      for (const job of waiting.slice(0, Math.max(0, SLOTS - moving.length)))
        Object.assign(job, { status: 'running', startedMs: nowMs(), movedMs: nowMs() })
      if (recoveryIn === null || --recoveryIn > 0) return
      recoveryIn = RECOVERY_TICKS
      for (const job of stuck()) fail(job, 'No progress for over 2 minutes')
    },
  }
}

/** In the order in which its answers list them. */
export function byStatus(jobs: SampleQcJobs): Record<string, number> {
  const counts = jobs.counts()
  return Object.fromEntries(statuses.map((status) => [status, counts[status]]))
}
