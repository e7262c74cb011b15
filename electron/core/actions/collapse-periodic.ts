// 93 × enqueue_pending_recordings → 1: of a periodic task that piled up, one message does the work of all (runbook 0).
import { number, plural } from '../wording.ts'
import { sortQueue } from './sort-queue.ts'

export const collapsePeriodic = sortQueue({
  id: 'collapse-periodic',
  tried: 'Collapse periodic messages',
  rule: 'periodic',
  none: 'no periodic task waits more than once in it',
  moved: 'periodic message',
  summary: (n) =>
    `Of each periodic task the first message stays and does the work of ${plural(n, 'the other', `the other ${number(n)}`)}, which ${plural(n, 'goes', 'go')} to quarantine.`,
  column: 'Moved',
  stays: 'Messages of jobs',
  know: ({ running }) => [
    ...(running === null ? [] : [`This does not free the worker: it goes on with ${running}.`]),
    'The schedule goes on: while no slot is free, messages pile up again.',
  ],
  first: 'the first of its task',
})
