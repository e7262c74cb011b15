// Jobs of a stack go to Unjam's own worker on its database: under a lease, and whoever had them is fenced out.
import type { JobRow } from '../ports/jobs.ts'
import { count, duration, listed, plural } from '../wording.ts'
import type { Action, World } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'
import { refuse } from './refuse.ts'

interface TakePlan extends RowsPlan {
  /** Names of the workers that can come for them. */
  readonly workers: readonly string[]
}

const TRIED = 'Take over jobs'

export const takeOverJob: Action<TakePlan> = {
  id: 'take-over-job',
  target: 'jobs',
  risk: 'disruptive',
  kinds: ['recordings'],
  ability: 'take-over',
  params: [],
  offer: ({ counts }) => ({
    title: TRIED,
    blocked: counts !== null && counts.running + counts.queued === 0 ? 'No job runs or waits.' : null,
  }),
  async plan(request, world) {
    const { system } = world
    if (request.target === 'all')
      throw refuse(TRIED, system.id, 'only chosen jobs can be taken over', 'Choose the job that blocks the others.')
    const workers = await livingWorkers(world)
    if (workers.length === 0)
      throw refuse(
        TRIED,
        system.id,
        "none of Unjam's workers runs on this database, so nobody would come for the job",
        `Start one where the recordings can be read: unjam worker --system ${system.id}`,
      )
    const absent = await withoutFile(request.target, world)
    const plan = await freezeRows(request, world, {
      tried: TRIED,
      all: [],
      chosen: ['running', 'queued'],
      none: 'no chosen job can be taken over',
      write: { verb: 'take-over' },
      leaves: (row) => {
        if (row.job.state === 'running' && row.job.progress !== null && row.job.worker !== null)
          return "held by one of Unjam's workers already"
        // A worker that finds no file fails the job for good: worse than leaving it where it is.
        return absent.has(row.id)
          ? 'without its file on this machine, so a worker here could not read it (Settings → Systems can name the folder)'
          : null
      },
      note: noteOf,
    })
    return { ...plan, workers }
  },
  preview(plan) {
    const n = plan.rows.length
    const running = plan.rows.filter(({ job }) => job.state === 'running').length
    const own = plural(running, 'Its worker', 'Their workers')
    return {
      title: n === 1 ? 'Take over job' : `Take over ${n} jobs`,
      summary: `${listed(plan.rows.map(({ title }) => title))} ${plural(n, 'goes', 'go')} to the next free worker of Unjam (${listed(plan.workers)}) and ${plural(n, 'starts', 'start')} from the beginning.`,
      notTouched: [...plan.notTouched, 'Messages in the queue: one for such a job finds it taken and does nothing'],
      know: [
        ...(running === 0
          ? []
          : [
              `What was transcribed of ${plural(running, 'it', 'them')} so far is lost: Celery keeps no part of an attempt.`,
              `${own} of the stack that Unjam created stops at the next heartbeat. Another application does not know leases: its attempt goes on until it ends, so revoke its task too.`,
              "Until then such an application may still write the row: a heartbeat changes nothing, and a result ends the job as its own, which Unjam's worker then leaves.",
            ]),
        'When no worker of Unjam comes within the heartbeat limit, the job looks stuck and goes back to the queue.',
      ],
      command: plan.command,
      undo: 'Undo gives the lease back: the row is as it was, or waits in the queue if a worker of Unjam had begun. An attempt that Celery has stopped does not start again by itself.',
      confirm: `Take over ${count(n, 'job')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(
      plan,
      world,
      operation,
      (n) => `${count(n, 'job')} ${plural(n, 'waits', 'wait')} for a worker of Unjam.`,
    )
  },
  settle: settleRows,
  undo: putRowsBack,
}

async function livingWorkers({ system, signal }: World): Promise<string[]> {
  const workers = await system.jobs.workers(signal)
  return workers.filter(({ kind, state }) => kind === 'unjam' && state === 'running').map(({ name }) => name)
}

async function withoutFile(ids: readonly string[], { system, signal }: World): Promise<Set<string>> {
  const absent = new Set<string>()
  for (const id of ids) if ((await system.jobs.mediaPath(id, signal)) === null) absent.add(id)
  return absent
}

function noteOf({ job }: JobRow): string {
  if (job.state !== 'running') return 'waits'
  return job.elapsedMs === null ? 'running' : `running for ${duration(job.elapsedMs)}`
}
