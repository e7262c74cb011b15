// 93 × enqueue_pending_recordings → 1: of a periodic task that piled up, one message does the work of all (runbook 0).
import { count, number, plural } from '../wording.ts'
import type { Action } from './action.ts'
import {
  freezeQueue,
  moveQueue,
  putQueueBack,
  QUEUE_WRITE_MS,
  type QueueChoice,
  type QueuePlan,
  sortingCommand,
  tableOf,
  undoWords,
  untouched,
} from './frozen-queue.ts'

const choice: QueueChoice = {
  tried: 'Collapse periodic messages',
  rule: 'periodic',
  none: 'no periodic task waits more than once in it',
}

export const collapsePeriodic: Action<QueuePlan> = {
  id: 'collapse-periodic',
  target: 'queue',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  writeMs: QUEUE_WRITE_MS,
  params: ['queue'],
  offer: () => ({ title: 'Collapse periodic messages', blocked: null }),
  plan(request, world) {
    return freezeQueue(request, world, choice)
  },
  preview(plan) {
    const n = plan.found.moves
    const stay = plan.found.messages - n
    return {
      title: `Move ${count(n, 'periodic message')} out of queue ${plan.queue}`,
      summary: `Of each periodic task the first message stays and does the work of ${plural(n, 'the other', `the other ${number(n)}`)}, which ${plural(n, 'goes', 'go')} to quarantine. Nothing is deleted.`,
      table: tableOf(plan, 'Moved'),
      notTouched: [
        `${count(stay, 'message')} that ${plural(stay, 'stays', 'stay')}, in ${plural(stay, 'its', 'their')} order`,
        'Messages of jobs',
        ...untouched(plan),
      ],
      know: [
        ...(plan.running === null ? [] : [`This does not free the worker: it goes on with ${plan.running}.`]),
        'The schedule goes on: while no slot is free, messages pile up again.',
      ],
      command: sortingCommand(plan, 'the first of its task'),
      undo: undoWords,
      confirm: `Quarantine ${count(n, 'message')}`,
    }
  },
  execute(plan, world, receipt) {
    return moveQueue(
      plan,
      world,
      receipt,
      choice,
      (n) => `${count(n, 'periodic message')} of queue ${plan.queue} ${plural(n, 'was', 'were')} moved to quarantine.`,
    )
  },
  undo(trail, world) {
    return putQueueBack(trail, world)
  },
}
