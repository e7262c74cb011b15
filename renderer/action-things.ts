// What an action is about, in words: what its dialog counts, and what must not change before it is confirmed.
import type { ActionId } from '../electron/contract/action.ts'

export interface Thing {
  readonly one: string
  readonly many: string
  /** “the jobs change”: when a confirmation is refused. */
  readonly moves: string
  /** “The jobs changed”: what was found when it was. */
  readonly moved: string
}

const jobs: Thing = { one: 'job', many: 'jobs', moves: 'the jobs change', moved: 'The jobs changed' }
const worker: Thing = { one: 'worker', many: 'workers', moves: 'the worker changes', moved: 'The worker changed' }
const messages: Thing = {
  one: 'message',
  many: 'messages',
  moves: 'the queue is replaced',
  moved: 'The queue was replaced',
}
const service: Thing = { one: 'service', many: 'services', moves: 'the service changes', moved: 'The service changed' }

export function thingOf(action: ActionId): Thing {
  switch (action) {
    case 'retry-jobs':
    case 'skip-jobs':
    case 'fail-jobs':
    case 'release-jobs':
    case 'cancel-job':
    case 'remove-jobs':
    case 'take-over-job':
    case 'finalize-parent':
    case 'cancel-stuck':
    case 'add-files':
      return jobs
    case 'start-worker':
    case 'stop-worker':
    case 'pause-worker':
    case 'configure-worker':
    case 'resize-pool':
    case 'unhang-worker':
    case 'trigger-worker':
      return worker
    case 'purge-queue':
    case 'deduplicate-queue':
    case 'collapse-periodic':
    case 'enqueue-now':
      return messages
    case 'pause-queue':
    case 'resume-queue':
      return {
        one: 'queue',
        many: 'queues',
        moves: 'its consumers change',
        moved: 'The consumers of the queue changed',
      }
    case 'revoke-task':
      return { one: 'task', many: 'tasks', moves: 'the task ends', moved: 'The tasks changed' }
    case 'start-service':
    case 'stop-service':
    case 'restart-service':
    case 'scale-service':
      return service
    case 'set-env':
      return {
        one: 'service',
        many: 'services',
        moves: 'the file or a container changes',
        moved: 'The file or a container changed',
      }
    case 'create-stack':
      return { one: 'file', many: 'files', moves: 'the folder changes', moved: 'The folder changed' }
  }
}
