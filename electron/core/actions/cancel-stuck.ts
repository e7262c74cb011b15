// The service ends all jobs it counts as stuck (runbook 4, "Cancel all stuck jobs"): it alone decides which.
import { needed } from '../missing-part.ts'
import type { JobRow } from '../ports/jobs.ts'
import { count, duration, plural } from '../wording.ts'
import type { Action, Done, Frozen, World } from './action.ts'
import { refuse } from './refuse.ts'

interface CancelPlan extends Frozen {
  readonly command: string
}

const TITLE = 'Cancel stuck jobs'

export const cancelStuck: Action<CancelPlan> = {
  id: 'cancel-stuck',
  target: 'system',
  risk: 'destructive',
  kinds: ['qc'],
  ability: null,
  needs: ['recovery'],
  params: [],
  offer: () => ({ title: TITLE, blocked: null }),
  async plan(_request, { system, signal }) {
    const recovery = needed(system, 'recovery', TITLE)
    const stuck = await recovery.stuck(signal)
    if (stuck.length === 0) throw refuse(TITLE, system.id, 'no job is stuck')
    return {
      items: stuck.map((row) => ({ id: row.id, title: row.title, note: note(row), fingerprint: row.fingerprint })),
      // Between preview and confirmation auto-recovery may have ended some: fewer is what was agreed to.
      mayShrink: true,
      undoable: false,
      command: recovery.command('cancel_stuck'),
    }
  },
  preview({ items, command }) {
    const n = items.length
    return {
      title: TITLE,
      summary: `The service ends every job it counts as stuck and marks it as failed: ${count(n, 'job')} by its list now.`,
      notTouched: ['Jobs the service does not count as stuck', 'Jobs that have ended', 'The files themselves'],
      know: [
        'The service decides which jobs it takes; afterwards the lists are compared.',
        'When another job is stuck by then, nothing is sent.',
        'Cancelled jobs can be retried.',
      ],
      command,
      undo: 'There is no undo: the work of a cancelled job is lost, it can only be retried.',
      confirm: `Cancel ${count(n, 'stuck job')}`,
    }
  },
  execute,
  async undo(_trail, world) {
    throw refuse('Undo the cancelling', world.system.id, 'a cancelled job can only be retried')
  },
}

async function execute({ items }: CancelPlan, { system, signal }: World): Promise<Done> {
  const recovery = needed(system, 'recovery', TITLE)
  const { told } = await recovery.cancelStuck(signal)
  // It was sent: that it cannot be compared is told, and hides no receipt.
  const after = await recovery.stuck(signal).catch(() => null)
  const still = new Set(after?.map(({ id }) => id))
  const ended = items.filter(({ id }) => !still.has(id)).length
  const n = after === null ? (told ?? items.length) : ended
  const beyond = told !== null && told > items.length ? ` The service says it took ${count(told, 'job')}.` : ''
  const unseen = after === null ? ' What became of them could not be read.' : ''
  return {
    count: n,
    left: items
      .filter(({ id }) => still.has(id))
      .map(({ id }) => ({ id, because: 'the service left it, and still lists it as stuck' })),
    summary: `${count(n, 'stuck job')} ${plural(n, 'was', 'were')} cancelled.${beyond}${unseen}`,
    trail: null,
  }
}

function note({ job }: JobRow): string {
  if (job.state !== 'running') return `${job.state} for too long`
  const { percent = null, movedAgeMs = null, step = null } = job.progress ?? {}
  const where = percent === null ? 'at an unknown point' : `at ${percent} %`
  const age = movedAgeMs === null ? '' : `, last moved ${duration(movedAgeMs)} ago`
  return `${where}${age}${step === null ? '' : `: ${step}`}`
}
