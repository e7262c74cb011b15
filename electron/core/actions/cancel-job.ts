// The worker that holds a job ends its processes at once; the job becomes skipped, saved chunks stay.
import { audio, count, listed, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'

export const cancelJob: Action<RowsPlan> = {
  id: 'cancel-job',
  target: 'jobs',
  risk: 'disruptive',
  kinds: ['local', 'recordings'],
  ability: 'cancel',
  params: ['state'],
  offer: ({ counts }) => ({
    title: 'Cancel job',
    blocked: counts !== null && counts.running + counts.queued === 0 ? 'No job runs or waits.' : null,
  }),
  plan(request, world) {
    return freezeRows(request, world, {
      tried: 'Cancel job',
      all: ['running'],
      chosen: ['running', 'queued'],
      none: 'no such job runs or waits',
      write: { verb: 'cancel' },
      leaves: ({ job }) => (job.state === 'running' && job.phase === 'cancelling' ? 'being cancelled already' : null),
      note: ({ job }) => {
        if (job.state !== 'running') return 'waits'
        const done = job.progress?.audioDoneMs ?? null
        return done === null ? 'running' : `${audio(done)} transcribed`
      },
    })
  },
  preview(plan) {
    const n = plan.rows.length
    const names = listed(plan.rows.map(({ title }) => title))
    return {
      title: n === 1 ? 'Cancel job' : `Cancel ${n} jobs`,
      summary: `The work on ${names} ends within 2 s, and ${plural(n, 'the job becomes', 'the jobs become')} skipped. Chunks that are saved stay.`,
      notTouched: [...plan.notTouched, 'Other jobs of the same worker', 'The recordings themselves'],
      command: plan.command,
      undo: 'Undo queues the job again; it goes on after its last saved chunk.',
      confirm: `Cancel ${count(n, 'job')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} cancelled.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
