// Calls for what a snapshot of queues leaves out: single messages, messages by job, past attempts, quarantines.
import * as z from 'zod'
import { SystemId } from './job.ts'
import { call } from './procedure.ts'
import { MessagePage, MessageQuery, QuarantineEntry, QueueJobs, QueueJobsQuery } from './queue.ts'
import { ResultPage, ResultQuery } from './task.ts'

export const queues = {
  messages: call
    .route({ method: 'GET', path: '/messages', summary: 'One page of messages, next to run first', tags: ['queues'] })
    .input(MessageQuery)
    .output(MessagePage),
  jobs: call
    .route({ method: 'GET', path: '/messages/jobs', summary: 'Messages by job, most first', tags: ['queues'] })
    .input(QueueJobsQuery)
    .output(QueueJobs),
  results: call
    .route({ method: 'GET', path: '/results', summary: 'Past attempts, newest first', tags: ['queues'] })
    .input(ResultQuery)
    .output(ResultPage),
  quarantines: call
    .route({
      method: 'GET',
      path: '/quarantines',
      summary: 'Quarantined messages that undo can put back, oldest first',
      tags: ['queues'],
    })
    .input(z.object({ system: SystemId }))
    .output(z.array(QuarantineEntry)),
}
