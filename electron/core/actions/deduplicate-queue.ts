// One message for each job: runbook 2, "Optional: remove duplicate messages only". The first, which runs next, stays.
import { number, plural } from '../wording.ts'
import { sortQueue } from './sort-queue.ts'

export const deduplicateQueue = sortQueue({
  id: 'deduplicate-queue',
  tried: 'De-duplicate the queue',
  rule: 'duplicates',
  none: 'no job has more than one message in it',
  moved: 'duplicate',
  summary: (n) =>
    `Of each job the first message, the one that runs next, stays; ${plural(n, 'the one', `the ${number(n)}`)} behind it ${plural(n, 'goes', 'go')} to quarantine.`,
  column: 'Duplicates',
  stays: 'Retries, messages with an eta, callbacks or a group, redelivered ones, and those that cannot be read',
  know: () => [
    'Workers and producers go on; workers see the older messages again when it has ended, within seconds.',
    'A job that a worker runs already keeps its first waiting message.',
  ],
  first: 'the first of its job',
})
