// The columns of crawl runs and QC jobs, which have no audio; those of recordings are job-columns.tsx.
import type { JobState, SystemKind } from '../../electron/contract/job.ts'
import { duration } from '../format.ts'
import { added, byState, type Column, column, endedAt, live, minor, waiting } from './job-columns.tsx'
import { RunProgress } from './run-progress.tsx'
import { partsText, TaskId } from './task-id.tsx'

const task = column('Task', 'minmax(120px, 0.5fr)', (job) => <TaskId id={job.task ?? null} />, null, false)
const children = column('Children', '150px', ({ children: parts }) => partsText(parts), null, false)
const age = live('Running for', '104px', (run) => (run.elapsedMs === null ? null : duration(run.elapsedMs)))
const [, doneTook] = byState.done

/** Runbook 3's columns: no audio, but the task that the row names and, of a parent, its children. */
const ofRuns: Readonly<Record<JobState, readonly Column[]>> = {
  queued: [minor(children), waiting, task, minor(added)],
  running: [children, age, task],
  failed: [minor(children), minor(task), endedAt],
  done: [minor(children), ...(doneTook === undefined ? [] : [doneTook]), endedAt],
  skipped: [endedAt],
}
const percent = column(
  'Progress',
  'minmax(180px, 1fr)',
  (_, { run }) => run !== undefined && <RunProgress run={run} />,
  null,
  false,
)
/** Runbook 4: stuck after two minutes without progress. */
const still = column('Stands still', '104px', (job, { sinceReadMs }) =>
  job.state !== 'running' || job.progress?.movedAgeMs == null ? '–' : duration(job.progress.movedAgeMs + sinceReadMs),
)
const ofQc: Readonly<Record<JobState, readonly Column[]>> = {
  queued: [waiting, minor(added)],
  running: [percent, still, minor(age)],
  failed: [endedAt],
  done: [...(doneTook === undefined ? [] : [minor(doneTook)]), endedAt],
  skipped: [endedAt],
}

/** What there is to say of a job depends on what kind of job it is. */
export function columnsOf(kind: SystemKind | null, state: JobState): readonly Column[] {
  return (kind === 'crawl' ? ofRuns : kind === 'qc' ? ofQc : byState)[state]
}
