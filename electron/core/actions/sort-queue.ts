// An action that sorts a queue: the first message of each piece of work stays, the others go to quarantine.
import type { ActionId } from '../../contract/action.ts'
import { count, plural } from '../wording.ts'
import type { Action } from './action.ts'
import {
  freezeQueue,
  type MovedDone,
  moveQueue,
  putQueueBack,
  QUEUE_WRITE_MS,
  type QueueChoice,
  type QueuePlan,
  settleQueue,
  sortingCommand,
  tableOf,
  undoWords,
  untouched,
} from './frozen-queue.ts'

export interface Sorting extends QueueChoice {
  readonly id: ActionId
  /** What moves, in the singular: "duplicate". */
  readonly moved: string
  /** Which ones move, of so many. */
  summary(moves: number): string
  /** Heading of the column of counts. */
  readonly column: string
  /** What stays besides what is kept. */
  readonly stays: string
  know(plan: QueuePlan): readonly string[]
  /** In the command: "the first of its job". */
  readonly first: string
}

export function sortQueue(sorting: Sorting): Action<QueuePlan> {
  const { id, tried, moved } = sorting
  const doneOf: MovedDone = (n, queue) => ({
    summary: `${count(n, moved)} of queue ${queue} ${plural(n, 'was', 'were')} moved to quarantine.`,
  })
  return {
    id,
    target: 'queue',
    risk: 'disruptive',
    kinds: ['recordings', 'crawl'],
    ability: null,
    needs: ['broker'],
    writeMs: QUEUE_WRITE_MS,
    params: ['queue'],
    offer: () => ({ title: tried, blocked: null }),
    plan: (request, world) => freezeQueue(request, world, sorting),
    preview(plan) {
      const n = plan.found.moves
      const stay = plan.found.messages - n
      return {
        title: `Move ${count(n, moved)} out of queue ${plan.queue}`,
        summary: `${sorting.summary(n)} Nothing is deleted.`,
        table: tableOf(plan, sorting.column),
        notTouched: [
          `${count(stay, 'message')} that ${plural(stay, 'stays', 'stay')}, in ${plural(stay, 'its', 'their')} order`,
          sorting.stays,
          ...untouched(plan),
        ],
        know: [...sorting.know(plan), ...plan.found.warnings],
        command: sortingCommand(plan, sorting.first),
        undo: undoWords,
        confirm: `Quarantine ${count(n, 'message')}`,
      }
    },
    execute: (plan, world, operation) => moveQueue(plan, world, operation, sorting, doneOf),
    settle: (world, operation) => settleQueue(world, operation, tried, doneOf),
    undo: putQueueBack,
  }
}
