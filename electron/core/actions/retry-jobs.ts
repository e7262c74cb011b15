// Failed (or chosen skipped) jobs go back to the queue with a clean record: runbook 1, "Reset these 4 to retry".
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'

export const retryJobs: Action<RowsPlan> = {
  id: 'retry-jobs',
  target: 'jobs',
  risk: 'safe',
  kinds: ['local', 'recordings'],
  ability: 'retry',
  params: ['state'],
  offer: ({ counts }) => ({
    title: 'Retry jobs',
    blocked: counts !== null && counts.failed + counts.skipped === 0 ? 'No job has failed.' : null,
  }),
  plan(request, world) {
    return freezeRows(request, world, {
      tried: 'Retry jobs',
      all: ['failed'],
      chosen: ['failed', 'skipped'],
      none: 'no job has failed',
      write: { verb: 'retry' },
      note: ({ job }) =>
        job.state === 'failed' ? (job.error ?? 'failed without a message') : job.state === 'skipped' ? 'skipped' : '',
    })
  },
  preview(plan) {
    const n = plan.rows.length
    return {
      title: 'Retry jobs',
      summary: `${count(n, 'job')} ${plural(n, 'goes', 'go')} back to the queue: the error is cleared and the retry count starts at 0. Chunks that are saved are used again.`,
      notTouched: [...plan.notTouched, 'Running, queued and done jobs', 'The recordings themselves'],
      command: plan.command,
      undo: 'Undo puts back state, error and retry count of every job that no worker has taken by then.',
      confirm: `Retry ${count(n, 'job')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} queued again.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
