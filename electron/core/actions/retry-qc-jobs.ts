// QC jobs are retried by their own service (runbook 4, "Retry specific job"): failed ones, and running ones that are stuck.
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, type RowsPlan, writeRows } from './frozen-rows.ts'
import { refuse } from './refuse.ts'

const TITLE = 'Retry jobs'

export const retryQcJobs: Action<RowsPlan> = {
  id: 'retry-jobs',
  target: 'jobs',
  risk: 'safe',
  kinds: ['qc'],
  ability: 'retry',
  params: ['state'],
  offer: () => ({ title: TITLE, blocked: null }),
  async plan(request, world) {
    const plan = await freezeRows(request, world, {
      tried: TITLE,
      all: ['failed'],
      chosen: ['failed', 'skipped', 'running', 'queued'],
      none: 'no job has failed or is stuck',
      write: { verb: 'retry' },
      leaves: ({ job }) => {
        if (job.state === 'queued') return 'queued now'
        return job.state === 'running' && job.progress?.stuck !== true && !stands(job.progress?.movedAgeMs ?? null)
          ? 'running and not stuck'
          : null
      },
      note: ({ job }) => {
        if (job.state === 'failed') return job.error ?? 'failed without a message'
        return job.state === 'running' ? `stuck at ${job.progress?.percent ?? 'an unknown'} %` : job.state
      },
    })
    return { ...plan, undoable: false, command: command(plan) }
  },
  preview(plan) {
    const n = plan.rows.length
    return {
      title: TITLE,
      summary: `The service is asked to run ${count(n, 'job')} again from the start, one request for each.`,
      notTouched: [...plan.notTouched, 'Jobs that run and move, and jobs that are done', 'The files themselves'],
      know: [
        'A job that failed for its Google Drive token fails again until its user reconnects Google Drive in Settings.',
      ],
      command: plan.command,
      undo: 'There is no undo: the service has no order that takes a retry back.',
      confirm: `Retry ${count(n, 'job')}`,
    }
  },
  async execute(plan, world, operation) {
    const done = await writeRows(
      plan,
      world,
      operation,
      (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} handed to the service again.`,
    )
    return { ...done, trail: null }
  },
  async undo(_trail, world) {
    throw refuse('Undo the retry', world.system.id, 'the service has no order that takes a retry back')
  },
}

/** Runbook 4: "more than 2 minutes without progress updates". */
function stands(movedAgeMs: number | null): boolean {
  return movedAgeMs !== null && movedAgeMs > 2 * 60_000
}

const SHOWN = 5

function command({ rows }: RowsPlan): string {
  const some = rows
    .slice(0, SHOWN)
    .map(({ id }) => `POST /api/qc/debug\n${JSON.stringify({ action: 'retry_specific', jobId: id, jobIds: [id] })}`)
  return [...some, ...(rows.length > SHOWN ? [`# and ${rows.length - SHOWN} more`] : [])].join('\n')
}
