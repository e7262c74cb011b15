// Running jobs without a sign of life beyond the limit go back to the queue; refused while the heartbeat is fresh.
import type { JobRow } from '../ports/jobs.ts'
import { count, duration, limit, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'

interface ReleasePlan extends RowsPlan {
  readonly limitMs: number
}

export const releaseJobs: Action<ReleasePlan> = {
  id: 'release-jobs',
  target: 'jobs',
  risk: 'safe',
  kinds: ['local', 'recordings'],
  ability: 'release',
  params: ['state'],
  offer: ({ counts }) => ({
    title: 'Release jobs',
    blocked: counts?.running === 0 ? 'No job is running.' : null,
  }),
  async plan(request, world) {
    const { heartbeatLimitMs: limitMs } = await world.system.jobs.limits(world.signal)
    const plan = await freezeRows(request, world, {
      tried: 'Release jobs',
      all: ['running'],
      chosen: ['running'],
      none: `no running job is without a heartbeat for more than ${limit(limitMs)}`,
      write: { verb: 'release', olderThanMs: limitMs },
      leaves: (row) => {
        const age = ageOf(row)
        if (age === null) return 'running without any heartbeat to judge by'
        return age < limitMs ? `running with a heartbeat younger than ${limit(limitMs)}` : null
      },
      note: (row) => `last heartbeat ${duration(ageOf(row) ?? 0)} ago`,
    })
    return { ...plan, limitMs }
  },
  preview(plan) {
    const n = plan.rows.length
    return {
      title: 'Release jobs',
      summary: `${count(n, 'running job')} without a heartbeat for more than ${limit(plan.limitMs)} ${plural(n, 'goes', 'go')} back to the queue. Error and retry count stay; saved chunks are used again.`,
      notTouched: [...plan.notTouched, 'Jobs with a fresh heartbeat'],
      command: plan.command,
      undo: 'Undo marks them as running again, as they were, where no worker has taken them by then.',
      confirm: `Release ${count(n, 'job')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(
      plan,
      world,
      operation,
      (n) => `${count(n, 'stuck job')} ${plural(n, 'was', 'were')} released to the queue.`,
    )
  },
  settle: settleRows,
  undo: putRowsBack,
}

function ageOf({ job }: JobRow): number | null {
  return job.state === 'running' ? job.heartbeatAgeMs : null
}
