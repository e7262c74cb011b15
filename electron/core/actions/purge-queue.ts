// Every waiting message of a queue goes to quarantine: runbook 2, "Safe cleanup: purge the Celery queue".
import { count, limit, number, plural } from '../wording.ts'
import type { Action, World } from './action.ts'
import {
  freezeQueue,
  type MovedDone,
  moveQueue,
  purgeCommand,
  putQueueBack,
  QUEUE_WRITE_MS,
  type QueueChoice,
  type QueuePlan,
  settleQueue,
  tableOf,
  undoWords,
  untouched,
} from './frozen-queue.ts'

const choice: QueueChoice = { tried: 'Purge the queue', rule: 'all', none: 'no message waits in it' }
/** The schedule, the worker and the clocks of three machines need not agree to the second. */
const GRACE_MS = 10_000

export const purgeQueue: Action<QueuePlan> = {
  id: 'purge-queue',
  target: 'queue',
  risk: 'destructive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  writeMs: QUEUE_WRITE_MS,
  params: ['queue'],
  offer: () => ({ title: 'Purge the queue', blocked: null }),
  plan(request, world) {
    return freezeQueue(request, world, choice)
  },
  preview(plan) {
    const { found, queue } = plan
    const n = found.moves
    return {
      title: `Move ${count(n, 'message')} out of queue ${queue}`,
      summary: `${plural(n, 'It goes', 'They go')} to quarantine; nothing is deleted.${refill(plan)}`,
      table: tableOf(plan, 'Count'),
      notTouched: untouched(plan),
      know: [
        ...(plan.running === null ? [] : [`This does not free the worker: it goes on with ${plan.running}.`]),
        `One atomic rename freezes the set: messages that arrive before it are included, and the receipt states ${number(n)} and the real count.`,
        ...(found.read < found.messages
          ? [`The table is made of the ${number(found.read)} messages that run next.`]
          : []),
        ...found.warnings,
      ],
      command: purgeCommand(plan),
      undo: `${undoWords} A message whose job waits again by then is listed instead.`,
      confirm: `Quarantine ${count(n, 'message')}`,
    }
  },
  execute: (plan, world, operation) => moveQueue(plan, world, operation, choice, purged(world)),
  settle: (world, operation) => settleQueue(world, operation, choice.tried, purged(world)),
  undo: putQueueBack,
}

/** The enqueuer of recordings fills the queue again from the database; the receipt waits for that. */
function purged({ system }: World): MovedDone {
  return (n, queue) => {
    const summary = `${count(n, 'message')} of queue ${queue} ${plural(n, 'was', 'were')} moved to quarantine.`
    const app = system.broker?.app
    if (system.kind !== 'recordings' || app === undefined || n === 0) return { summary }
    const sentence = `Waiting for the enqueuer to refill queue ${queue} from the database.`
    return { summary, watch: { withinMs: app.enqueueSeconds * 1000 + GRACE_MS, sentence } }
  }
}

function refill({ refilled, app, counts, found }: QueuePlan): string {
  if (!refilled) return ''
  const within = limit(app.enqueueSeconds * 1000)
  const rows =
    counts === null || counts.queued === 0 ? 'jobs that are queued' : `the ${count(counts.queued, 'queued job')}`
  const slot = (found.unacked ?? 0) > 0 ? '; it runs when a slot is free' : ''
  return ` The schedule sends a new enqueuer within ${within}, which fills the queue with ${rows}${slot}.`
}
