// Jobs are marked failed with an explanation: runbook 3, "Mark as failed with explanation".
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'

const tried = 'Mark jobs as failed'

interface FailPlan extends RowsPlan {
  readonly reason: string
}

export const failJobs: Action<FailPlan> = {
  id: 'fail-jobs',
  target: 'jobs',
  risk: 'disruptive',
  kinds: ['local', 'recordings'],
  ability: 'fail',
  params: ['reason', 'state'],
  offer: ({ counts }) => ({
    title: tried,
    blocked: counts !== null && counts.queued + counts.running === 0 ? 'No job waits or runs.' : null,
  }),
  async plan(request, world) {
    const why = request.params.reason?.trim() ?? ''
    // The runbook's own words, so that both ways of doing it read the same in the table.
    const reason = why === '' ? 'Manually marked failed' : `Manually marked failed: ${why}`
    const { heartbeatLimitMs } = await world.system.jobs.limits(world.signal)
    const plan = await freezeRows(request, world, {
      tried,
      // Of all jobs only those that are stuck; a job that waits is failed by choosing it.
      all: ['running'],
      chosen: ['queued', 'running'],
      none: request.target === 'all' ? 'no running job is stuck' : 'no chosen job can be failed',
      write: { verb: 'fail', reason },
      leaves: ({ job }) =>
        job.state === 'running' && (job.heartbeatAgeMs ?? 0) < heartbeatLimitMs
          ? 'running and alive (cancel instead)'
          : null,
      note: ({ job }) => job.state,
    })
    return { ...plan, reason }
  },
  preview(plan) {
    const n = plan.rows.length
    return {
      title: tried,
      summary: `${count(n, 'job')} ${plural(n, 'becomes', 'become')} failed with the message “${plan.reason}”. No retry follows.`,
      notTouched: [...plan.notTouched, 'Jobs a worker is on'],
      command: plan.command,
      undo: 'Undo puts each job back as it was.',
      confirm: `Mark ${count(n, 'job')} as failed`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} marked as failed.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
