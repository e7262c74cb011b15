// Jobs nobody needs transcribed become skipped; `longerThan=MINUTES` takes only long recordings (runbooks 0 and 1).
import type { ActionRequest } from '../../contract/action.ts'
import type { JobRow } from '../ports/jobs.ts'
import { audio, count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'
import { invalid } from './refuse.ts'

const tried = 'Skip jobs'

interface SkipPlan extends RowsPlan {
  readonly longerThan: number | null
}

export const skipJobs: Action<SkipPlan> = {
  id: 'skip-jobs',
  target: 'jobs',
  risk: 'safe',
  kinds: ['local', 'recordings'],
  ability: 'skip',
  params: ['longerThan', 'reason', 'state'],
  offer: ({ counts }) => ({
    title: tried,
    blocked: counts !== null && counts.queued + counts.failed + counts.running === 0 ? 'No job waits.' : null,
  }),
  async plan(request, world) {
    const longerThan = minutes(request)
    const { heartbeatLimitMs } = await world.system.jobs.limits(world.signal)
    const long = longerThan === null ? null : `longer than ${longerThan} min`
    const plan = await freezeRows(request, world, {
      tried,
      all: ['queued'],
      chosen: ['queued', 'failed', 'running'],
      none: long === null ? 'no job waits' : `no such job is known to be ${long}`,
      write: { verb: 'skip', reason: request.params.reason ?? (long === null ? null : capitalised(long)) },
      leaves: (row) => alive(row, heartbeatLimitMs) ?? short(row, longerThan),
      note: ({ job }) => (job.audioMs === null ? 'length unknown' : `${audio(job.audioMs)} of audio`),
    })
    return { ...plan, longerThan }
  },
  preview(plan) {
    const n = plan.rows.length
    const long = plan.longerThan === null ? '' : ` longer than ${plan.longerThan} min`
    return {
      title: tried,
      summary: `${count(n, 'job')}${long} ${plural(n, 'is', 'are')} marked as skipped and will not be transcribed.`,
      notTouched: [...plan.notTouched, 'Jobs a worker is on', 'The recordings themselves'],
      command: plan.command,
      undo: 'Undo puts each job back as it was.',
      confirm: `Skip ${count(n, 'job')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'job')} ${plural(n, 'was', 'were')} skipped.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}

function minutes(request: ActionRequest): number | null {
  const text = request.params.longerThan
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0)
    throw invalid(tried, request.system, `longerThan=${text} is not a number of minutes above 0`)
  return value
}

function short({ job }: JobRow, longerThan: number | null): string | null {
  if (longerThan === null) return null
  if (job.audioMs === null) return 'of unknown length'
  return job.audioMs > longerThan * 60_000 ? null : `not longer than ${longerThan} min`
}

function alive({ job }: JobRow, limitMs: number): string | null {
  return job.state === 'running' && (job.heartbeatAgeMs ?? 0) < limitMs ? 'running and alive (cancel instead)' : null
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
