// One message for each job: runbook 2, "Optional: remove duplicate messages only". The first, which runs next, stays.
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
  tried: 'De-duplicate the queue',
  rule: 'duplicates',
  none: 'no job has more than one message in it',
}

export const deduplicateQueue: Action<QueuePlan> = {
  id: 'deduplicate-queue',
  target: 'queue',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  writeMs: QUEUE_WRITE_MS,
  params: ['queue'],
  offer: () => ({ title: 'De-duplicate the queue', blocked: null }),
  plan(request, world) {
    return freezeQueue(request, world, choice)
  },
  preview(plan) {
    const n = plan.found.moves
    const stay = plan.found.messages - n
    return {
      title: `Move ${count(n, 'duplicate')} out of queue ${plan.queue}`,
      summary: `Of each job the first message, the one that runs next, stays; ${plural(n, 'the one', `the ${number(n)}`)} behind it ${plural(n, 'goes', 'go')} to quarantine. Nothing is deleted.`,
      table: tableOf(plan, 'Duplicates'),
      notTouched: [
        `${count(stay, 'message')} that ${plural(stay, 'stays', 'stay')}, in ${plural(stay, 'its', 'their')} order`,
        'Retries, messages with an eta, callbacks or a group, redelivered ones, and those that cannot be read',
        ...untouched(plan),
      ],
      know: [
        'Workers and producers go on; workers see the older messages again when it has ended, within seconds.',
        'A job that a worker runs already keeps its first waiting message.',
      ],
      command: sortingCommand(plan, 'the first of its job'),
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
      (n) => `${count(n, 'duplicate')} of queue ${plan.queue} ${plural(n, 'was', 'were')} moved to quarantine.`,
    )
  },
  undo(trail, world) {
    return putQueueBack(trail, world)
  },
}
