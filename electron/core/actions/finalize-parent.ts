// Parents whose children have all ended get their own end: runbook 3, "For Parent Jobs with Aggregation Issues".
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'
import { runStatement } from './run-statement.ts'

const TRIED = 'Finalize parents'

export const finalizeParent: Action<RowsPlan> = {
  id: 'finalize-parent',
  target: 'jobs',
  risk: 'safe',
  kinds: ['crawl'],
  ability: 'finalize',
  params: [],
  offer: ({ counts }) => ({
    title: TRIED,
    blocked: counts !== null && counts.running === 0 ? 'No run is running.' : null,
  }),
  async plan(request, world) {
    const plan = await freezeRows(request, world, {
      tried: TRIED,
      all: ['running'],
      chosen: ['running'],
      none: 'no running parent has only children that have ended',
      write: { verb: 'finalize' },
      leaves: ({ job: { children } }) =>
        children == null
          ? 'without children'
          : // The runbook's query takes these for finished too: their children are only not written yet.
            children.total === 0
            ? 'without a child yet'
            : children.active > 0
              ? 'waiting for children that have not ended'
              : null,
      note: ({ job: { children } }) =>
        children == null || children.failed === 0
          ? `completed: ${count(children?.total ?? 0, 'source')} ended, none failed`
          : `failed: ${children.failed} of ${count(children.total, 'source')} failed`,
    })
    return { ...plan, command: runStatement(world.system.jobs.tables, plan.rows, { verb: 'finalize' }) }
  },
  preview({ rows, notTouched, command }) {
    const failed = rows.filter(({ job }) => (job.children?.failed ?? 0) > 0).length
    const done = rows.length - failed
    const parts = [
      ...(done === 0 ? [] : [`${count(done, 'parent')} ${plural(done, 'becomes', 'become')} completed`]),
      ...(failed === 0
        ? []
        : [
            `${count(failed, 'parent')} ${plural(failed, 'becomes', 'become')} failed, because children of ${plural(failed, 'it', 'them')} failed`,
          ]),
    ]
    return {
      title: TRIED,
      summary: `${parts.join('; ')}.`,
      notTouched: [...notTouched, 'The children', 'Parents with a child that has not ended, or with none yet'],
      command,
      undo: 'Undo puts each parent back to running, as it was.',
      confirm: `Finalize ${count(rows.length, 'parent')}`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'parent')} ${plural(n, 'was', 'were')} finalized.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
