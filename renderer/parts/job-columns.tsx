// The columns of each tab, as data: title, width, sort, and one pure cell.
import type { ReactNode } from 'react'
import type { Job, JobSort, JobState } from '../../electron/contract/job.ts'
import { ago, audio, duration, remaining, speed, time, took, when } from '../format.ts'
import { unreadLength } from '../select-job.ts'
import type { RunModel } from '../select-running.ts'
import { RunProgress } from './run-progress.tsx'

export interface CellContext {
  readonly now: number
  /** How long ago the rows were read. */
  readonly sinceReadMs: number
  readonly attempts: number | null
  readonly speed: number | null
  readonly run: RunModel | undefined
}

export interface Column {
  readonly title: string
  readonly width: string
  readonly number: boolean
  readonly sort: JobSort | null
  /** It grows as its sort key falls: who was added first has waited longest. */
  readonly inverted?: boolean
  /** Left out where there is no width for it. */
  readonly minor?: boolean
  readonly cell: (job: Job, context: CellContext) => ReactNode
}

const dash = '–'
export const column = (
  title: string,
  width: string,
  cell: Column['cell'],
  sort: JobSort | null = null,
  number = true,
): Column => ({
  title,
  width,
  number,
  sort,
  cell,
})

export const minor = (one: Column): Column => ({ ...one, minor: true })

const length = column(
  'Audio',
  '96px',
  (job) => (job.audioMs === null ? <span className="unk">{unreadLength(job.state)}</span> : audio(job.audioMs)),
  'audio',
)
const attempt = column('Attempt', '84px', (job, { attempts }) =>
  job.retryCount === null ? dash : `${job.retryCount + 1}${attempts === null ? '' : ` of ${attempts}`}`,
)
/** How many it took, not how many it gets: what has failed for good gets no more. */
const attempts = column('Attempts', '84px', (job) => (job.retryCount === null ? dash : job.retryCount + 1))
const ended = (at: string | null, now: number) => (at === null ? dash : when(time(at), now))
export const endedAt = column(
  'Ended',
  '120px',
  (job, { now }) => ('endedAt' in job ? ended(job.endedAt, now) : dash),
  'updated',
)

export const waiting: Column = {
  title: 'Waiting',
  width: '104px',
  number: true,
  sort: 'created',
  inverted: true,
  cell: (job, { sinceReadMs }) =>
    job.state !== 'queued' || job.waitingMs === null ? dash : duration(job.waitingMs + sinceReadMs),
}
const needs = column('Needs about', '104px', (job, context) =>
  job.audioMs === null || context.speed === null || context.speed <= 0 ? dash : remaining(job.audioMs / context.speed),
)
export const added = column('Added', '120px', (job, { now }) => ended(job.createdAt, now))

const done = column(
  'Transcribed',
  'minmax(180px, 1fr)',
  (_, { run }) => run !== undefined && <RunProgress run={run} />,
  null,
  false,
)
export const live = (title: string, width: string, of: (run: RunModel) => string | null): Column =>
  column(title, width, (_, { run }) => (run === undefined ? dash : (of(run) ?? dash)))

export const byState: Readonly<Record<JobState, readonly Column[]>> = {
  queued: [length, minor(needs), waiting, minor(attempt), minor(added)],
  running: [
    done,
    minor(live('Speed', '72px', (run) => (run.speed === null ? null : speed(run.speed)))),
    minor(live('Elapsed', '92px', (run) => (run.elapsedMs === null ? null : duration(run.elapsedMs)))),
    live('Ends', '100px', (run) =>
      run.phase === 'parked'
        ? 'later'
        : run.phase === 'cancelling'
          ? 'stopping'
          : (run.ends?.between ?? run.ends?.clock ?? null),
    ),
    minor(live('Heartbeat', '92px', (run) => (run.heartbeat === null ? null : ago(run.heartbeat.ageMs)))),
  ],
  failed: [length, minor(attempts), endedAt],
  done: [
    length,
    minor(column('Took', '96px', (job) => (job.state !== 'done' || job.tookMs === null ? dash : took(job.tookMs)))),
    minor(column('Speed', '84px', (job) => (job.state !== 'done' || job.speed === null ? dash : speed(job.speed)))),
    endedAt,
  ],
  skipped: [length, endedAt],
}
