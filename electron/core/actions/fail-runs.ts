// Crawl runs are marked failed with an explanation: runbook 3, "Mark as failed with explanation".
import { sentence, toFailure } from '../../contract/failure.ts'
import type { Job } from '../../contract/job.ts'
import { holdersOf } from '../run-holders.ts'
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { freezeRows, putRowsBack, type RowsPlan, settleRows, writeRows } from './frozen-rows.ts'
import { refuse } from './refuse.ts'
import { runStatement } from './run-statement.ts'

const TRIED = 'Mark runs as failed'
/** Runbook 3: a run is stuck that has been running for more than an hour. */
const STUCK_MS = 60 * 60_000

interface FailPlan extends RowsPlan {
  readonly reason: string
  readonly know: readonly string[]
}

/** A parent ends with its children; only somebody who chose it by hand says otherwise. */
function parentOf({ children }: Job): string | null {
  if (children == null) return null
  if (children.active > 0) return 'waiting for children that have not ended'
  return children.total === 0 ? 'without a child yet' : 'to be finalized, all children having ended'
}

export const failRuns: Action<FailPlan> = {
  id: 'fail-jobs',
  target: 'jobs',
  risk: 'disruptive',
  kinds: ['crawl'],
  ability: 'fail',
  params: ['reason', 'state'],
  offer: ({ counts }) => ({
    title: TRIED,
    blocked: counts !== null && counts.queued + counts.running === 0 ? 'No run waits or runs.' : null,
  }),
  async plan(request, world) {
    const { system, signal } = world
    const why = request.params.reason?.trim() ?? ''
    const reason = why === '' ? 'Manually marked failed' : `Manually marked failed: ${why}`
    const everyone = request.target === 'all'
    const found = await freezeRows(request, world, {
      tried: TRIED,
      all: ['running'],
      chosen: ['queued', 'running'],
      none: everyone ? 'no running run is stuck' : 'no chosen run can be failed',
      write: { verb: 'fail', reason },
      leaves: ({ job }) =>
        !everyone || job.state !== 'running'
          ? null
          : (job.elapsedMs ?? 0) < STUCK_MS
            ? 'running for less than an hour'
            : parentOf(job),
      note: ({ job }) => job.state,
    })
    const holders =
      system.broker === null
        ? `No broker is configured: whether a worker still has ${plural(found.rows.length, 'it', 'them')} is unknown.`
        : await holdersOf(
            found.rows.map(({ job }) => job),
            system.broker,
            signal,
          ).catch(
            (error: unknown) =>
              `Whether a worker still has ${plural(found.rows.length, 'it', 'them')} is unknown: ${sentence(toFailure(error, 'Ask the workers'))}`,
          )
    if (typeof holders === 'string') return { ...found, ...commandOf(found.rows), reason, know: [holders] }
    const active = (id: string) => holders.held.get(id)?.state === 'active'
    const rows = found.rows.filter(({ id }) => !active(id))
    const busy = found.rows.length - rows.length
    const notTouched = [
      ...found.notTouched,
      ...(busy === 0
        ? []
        : [`${count(busy, 'run')} that a worker has in hand and would write again: terminate the task first`]),
    ]
    if (rows.length === 0)
      throw refuse(
        TRIED,
        system.id,
        `no run can be failed; not touched: ${notTouched.join(', ')}`,
        'Revoke the task with terminate=true.',
      )
    const waits = rows.filter(({ id }) => holders.waiting.has(id) || holders.held.has(id)).length
    const comeBack = rows.filter(({ id }) => holders.taken.has(id)).length
    const know = [
      ...(waits === 0
        ? []
        : [
            `${count(waits, 'of them', 'of them')} still ${plural(waits, 'has', 'have')} a message that would start it: revoke the task too.`,
          ]),
      ...(comeBack === 0
        ? []
        : [
            `${count(comeBack, 'of them', 'of them')} ${plural(comeBack, 'has', 'have')} a message that a worker took and is gone: the broker hands it out again, and it may start once more.`,
          ]),
    ]
    return {
      ...found,
      ...{ rows, notTouched, reason, know },
      ...commandOf(rows),
      items: found.items.filter(({ id }) => rows.some((row) => row.id === id)),
    }

    function commandOf(rows: RowsPlan['rows']) {
      return { command: runStatement(system.jobs.tables, rows, { verb: 'fail', reason }) }
    }
  },
  preview({ rows, notTouched, reason, know, command }) {
    const n = rows.length
    return {
      title: TRIED,
      summary: `${count(n, 'run')} ${plural(n, 'becomes', 'become')} failed with the message “${reason}”.`,
      notTouched: [...notTouched, 'Messages and tasks', 'What was crawled'],
      know: [...know],
      command,
      undo: 'Undo puts each run back as it was, where nothing has changed it since.',
      confirm: `Mark ${count(n, 'run')} as failed`,
    }
  },
  execute(plan, world, operation) {
    return writeRows(plan, world, operation, (n) => `${count(n, 'run')} ${plural(n, 'was', 'were')} marked as failed.`)
  },
  settle: settleRows,
  undo: putRowsBack,
}
