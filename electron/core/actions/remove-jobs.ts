// Jobs leave the list with their transcript and chunks, all of it kept for undo; recordings on disk stay.
import { count, number, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'
import { refuse } from './refuse.ts'

/** What undo needs of an hour of audio (words, chunks, transcript) is up to 1 MB: more than this is not kept in one piece. */
const MOST_AUDIO_HOURS = 300

export const removeJobs: Action<RowsPlan> = {
  id: 'remove-jobs',
  target: 'jobs',
  risk: 'destructive',
  kinds: ['local', 'recordings'],
  ability: 'remove',
  params: ['state'],
  offer: ({ counts }) => ({
    title: 'Remove jobs',
    blocked: counts !== null && Object.values(counts).every((n) => n === 0) ? 'There is no job to remove.' : null,
  }),
  async plan(request, world) {
    const plan = await freezeRows(request, world, {
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
    const hours = plan.rows.reduce((sum, { job }) => sum + (job.audioMs ?? 0), 0) / 3_600_000
    if (hours > MOST_AUDIO_HOURS)
      throw refuse(
        'Remove jobs',
        world.system.id,
        `${number(hours)} h of transcripts would have to be kept for undo, and ${MOST_AUDIO_HOURS} h is the most`,
        'Choose fewer at a time.',
      )
    return plan
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
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} removed.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
