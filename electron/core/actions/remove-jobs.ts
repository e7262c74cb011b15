// Jobs leave the list with their transcript and chunks, all of it kept for undo; recordings on disk stay.
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, writeRows } from './frozen-rows.ts'

export const removeJobs: Action<RowsPlan> = {
  id: 'remove-jobs',
  target: 'jobs',
  risk: 'destructive',
  kinds: ['local', 'recordings'],
  ability: 'remove',
  offer: ({ counts }) => ({
    title: 'Remove jobs',
    blocked: counts !== null && Object.values(counts).every((n) => n === 0) ? 'There is no job to remove.' : null,
  }),
  plan(request, world) {
    return freezeRows(request, world, {
      tried: 'Remove jobs',
      all: ['queued', 'done', 'failed', 'skipped'],
      chosen: ['queued', 'running', 'done', 'failed', 'skipped'],
      none: 'there is no such job',
      write: { verb: 'remove' },
      leaves: ({ job }) =>
        job.state === 'running' && job.phase !== 'parked' && job.worker !== null
          ? 'held by a worker (cancel first)'
          : null,
      note: ({ job }) => job.state,
    })
  },
  preview(plan) {
    const n = plan.rows.length
    const done = plan.rows.filter((row) => row.job.state === 'done').length
    const transcripts = done === 0 ? '' : ` ${count(done, 'transcript')} ${plural(done, 'goes', 'go')} with them.`
    return {
      title: 'Remove jobs',
      summary: `${count(n, 'job')} ${plural(n, 'leaves', 'leave')} the list.${transcripts} All of it is kept in History for undo.`,
      notTouched: [...plan.notTouched, 'The recordings on disk'],
      command: plan.command,
      undo: 'Undo brings them back with transcripts and saved chunks, unless the same recording was added again.',
      confirm: `Remove ${count(n, 'job')}`,
    }
  },
  execute(plan, world) {
    return writeRows(plan, world, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} removed.`)
  },
  undo(trail, world) {
    return putRowsBack(trail, world)
  },
}
