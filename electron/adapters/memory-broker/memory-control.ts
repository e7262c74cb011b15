// Commands to workers in memory, with the answers and refusals of Celery's own.
import { randomUUID } from 'node:crypto'
import { FailureError } from '../../contract/failure.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { TaskControl, Told } from '../../core/ports/broker.ts'
import { lastName } from '../celery/message/job-of.ts'
import { readMessage } from '../celery/message/message.ts'
import { renamed } from '../celery/queues/enqueue.ts'
import type { HeldTask, MemoryWorker, MemoryWorkers } from './memory-workers.ts'
import type { MessageLists } from './message-lists.ts'

interface Parts {
  readonly app: CelerySettings
  readonly lists: MessageLists
  readonly workers: MemoryWorkers
  /** Tasks that the workers know. */
  readonly registered: readonly string[]
  change(): void
  /** A running task was ended by a signal. */
  terminated(task: HeldTask, worker: string): void
}

const ADDRESSES = ['10.213.0.9:41822', '10.213.0.9:41830']

export function memoryControl({ app, lists, workers, registered, change, terminated }: Parts): TaskControl {
  /** Operation → task id → message; empty where it was given up. */
  const sent = new Map<string, Map<string, string>>()
  const withdrawn = new Map<string, string[]>()
  const answering = () => workers.all().filter(({ state }) => state === 'running')

  function each(names: readonly string[], order: (worker: MemoryWorker) => string): Told[] {
    const told = names.map((name): Told => {
      const worker = workers.find(name)
      if (worker?.state !== 'running') return { worker: name, ok: false, text: 'it did not answer' }
      return { worker: name, ok: true, text: order(worker) }
    })
    change()
    return told
  }

  /** As Celery: idle processes go, busy ones stay. */
  function resized(worker: MemoryWorker, by: number): string {
    const least = Math.max(1, worker.tasks.length)
    worker.slots = by < 0 ? Math.max(least, worker.slots + by) : worker.slots + by
    return `pool has ${worker.slots} processes`
  }

  function deliverable(task: string, queue: string): string {
    const name = registered.find((one) => one === task) ?? registered.find((one) => lastName(one) === lastName(task))
    if (name === undefined) throw refused(task, 'no worker that answers knows this task')
    if (workers.consumersOf(queue) === 0) throw refused(task, `no worker that answers consumes queue ${queue}`)
    return name
  }

  return {
    workers: async () => workers.readings(),
    tasks: async () => workers.tasks(),
    async revoke(ids, { terminate }) {
      for (const id of ids) workers.revoke(id)
      const told = each(
        answering().map(({ name }) => name),
        (worker) => {
          const held = terminate ? worker.tasks.filter(({ id }) => ids.includes(id)) : []
          for (const task of held) {
            workers.end(task.id)
            terminated(task, worker.name)
          }
          return held.length === 0 ? `tasks ${ids.join(', ')} flagged as revoked` : 'terminated'
        },
      )
      return told
    },
    async resize(name, by) {
      const from = workers.find(name)?.slots ?? 0
      const told = each([name], (worker) => resized(worker, by))
      return { from, to: workers.find(name)?.slots ?? from, told }
    },
    consume: async (queue, on, names) =>
      each(names, ({ name }) => {
        workers.leave(queue, name, on)
        return on ? `add consumer ${queue}` : `no longer consuming from ${queue}`
      }),
    leftQueue: async (queue) => workers.left(queue),
    async hung(name) {
      const worker = workers.find(name)
      if (worker?.state !== 'hung')
        throw refused(name, worker === null ? 'no such worker is connected' : 'it answers: there is nothing to cut')
      return { connections: ADDRESSES, how: 'two connections of its host wait for commands and read none' }
    },
    async unhang(name) {
      const worker = workers.find(name)
      if (worker?.state !== 'hung') return { cut: 0, answers: worker !== null }
      worker.state = 'running'
      // What its processes had died of long ago is gone from their slots once it answers.
      for (const { id } of worker.tasks) workers.end(id)
      change()
      return { cut: ADDRESSES.length, answers: true }
    },
    waiting: async (queues, { ids, by }) =>
      queues.flatMap((queue) =>
        lists.of(queue).flatMap(({ raw }) => {
          const { id, task, job, priority } = readMessage(raw, app)
          const match = by === 'task' ? id : job
          return id !== null && match !== null && ids.includes(match) ? [{ id, queue, raw, task, job, priority }] : []
        }),
      ),
    deliverable: async (task, queue) => deliverable(task, queue),
    async enqueue({ id = randomUUID(), name, args, kwargs = {}, queue, raw, operation }) {
      const by = sent.get(operation) ?? new Map<string, string>()
      const before = by.get(id)
      if (before === '') throw refused(queue, `operation ${operation} was cancelled before this message was sent`)
      if (before !== undefined) return { id, raw: before }
      const message =
        raw === undefined
          ? lists.send({ id, name: deliverable(name, queue), args, kwargs, queue })
          : renamed(raw, id, queue)
      if (raw !== undefined) lists.push(queue, message)
      sent.set(operation, by.set(id, message))
      change()
      return { id, raw: message }
    },
    sent: async (operation) =>
      [...(sent.get(operation) ?? [])].flatMap(([id, message]) => (message === '' ? [] : [id])),
    async withhold(operation, ids) {
      const by = sent.get(operation) ?? new Map<string, string>()
      for (const id of ids) if (!by.has(id)) by.set(id, '')
      sent.set(operation, by)
      return ids.filter((id) => by.get(id) !== '')
    },
    async withdraw(queue, raw, operation) {
      const by = withdrawn.get(operation) ?? []
      if (by.includes(raw)) return true
      const removed = lists.remove(queue, raw)
      if (removed) withdrawn.set(operation, [...by, raw])
      change()
      return removed
    },
    withdrawn: async (operation) => withdrawn.get(operation) ?? [],
  }
}

function refused(on: string, because: string): FailureError {
  return new FailureError({ kind: 'refused', tried: 'Tell the workers', on, because, remedy: null })
}
