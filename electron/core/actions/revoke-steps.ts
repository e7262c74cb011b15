// Tasks revoked and their messages taken out, settled after an interruption, and put back under new ids.
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'
import { needed } from '../missing-part.ts'
import { count, plural } from '../wording.ts'
import type { Done, Operation, Settled, Undone, World } from './action.ts'
import { nameTask } from './name-task.ts'
import { stillRunning } from './still-running.ts'

const TRIED = 'Revoke tasks'

const Waiting = z.object({
  id: z.string(),
  queue: z.string(),
  raw: z.string(),
  task: z.string().nullable(),
  job: z.string().nullable(),
  priority: z.number().default(0),
})
const RevokeRecord = z.object({
  waiting: z.array(Waiting),
  /** Tasks that workers held. */
  held: z.array(z.object({ id: z.string(), worker: z.string(), active: z.boolean() })),
  spared: z.array(z.string()),
  terminate: z.boolean(),
  signal: z.enum(['SIGTERM', 'SIGKILL']),
})
export type RevokeRecord = z.infer<typeof RevokeRecord>

/** Safe to repeat: workers keep revoked ids, and a message is taken out once. */
export function revokeTasks(record: RevokeRecord, world: World, operation: Operation): Promise<Done> {
  operation.record(record)
  return revoke(record, world, operation)
}

/** Workers do not forget an id that was revoked: what was begun is completed, for the same tasks and messages. */
export async function settleRevoke(world: World, operation: Operation): Promise<Settled> {
  const recorded = RevokeRecord.parse(JSON.parse(operation.recorded ?? 'null'))
  return { state: 'done', done: await revoke(recorded, world, operation) }
}

async function revoke(recorded: RevokeRecord, world: World, operation: Operation): Promise<Done> {
  const { control } = needed(world.system, 'broker', TRIED)
  const { waiting, held, spared, terminate, signal } = recorded
  const ids = [...new Set([...waiting.map(({ id }) => id), ...held.map(({ id }) => id)])]
  // Revoked first: a worker that takes a message between the two steps drops it.
  const replies = await control.revoke(ids, { terminate, signal }, world.signal)
  const withdrawn: RevokeRecord['waiting'] = []
  for (const one of waiting)
    if (await control.withdraw(one.queue, one.raw, operation.id, world.signal)) withdrawn.push(one)
  const active = new Set(held.flatMap(({ id, active }) => (active ? id : [])))
  const still = terminate ? await stillRunning(control, active, world.signal) : active
  const left: { id: string; because: string }[] = []
  for (const task of held) {
    const reply = replies.find(({ worker }) => worker === task.worker)
    if (reply?.ok !== true) left.push({ id: task.id, because: `${task.worker}: ${reply?.text ?? 'it did not answer'}` })
    else if (terminate && active.has(task.id) && still === null)
      left.push({ id: task.id, because: `${task.worker} received the command; whether the task ended is unknown` })
    else if (terminate && still?.has(task.id))
      left.push({
        id: task.id,
        because: `${task.worker} received the command, but the task was still active a moment later`,
      })
  }
  for (const one of waiting)
    if (!withdrawn.includes(one) && replies.length === 0)
      left.push({ id: one.id, because: 'a worker took it, and no worker answered' })
  const done = ids.length - left.length
  return {
    count: done,
    left,
    summary: `${count(done, 'task')} ${plural(done, 'was', 'were')} ${terminate ? 'terminated' : 'revoked'}; ${count(withdrawn.length, 'message')} ${plural(withdrawn.length, 'was', 'were')} taken out.`,
    trail: withdrawn.length === 0 ? null : JSON.stringify({ withdrawn, spared }),
  }
}

const Trail = z.object({
  withdrawn: z.array(Waiting),
  /** Tasks that ran beside what was withdrawn, and were left alone. */
  spared: z.array(z.string()).default([]),
})

const UndoRecord = z.object({ ids: z.record(z.string(), z.string()) })

/** Once each: a job that waits or is worked on again by other means does not get a second message. */
export async function undoRevoke(trail: string, world: World, operation: Operation): Promise<Undone> {
  const { withdrawn, spared } = Trail.parse(JSON.parse(trail))
  const { control } = needed(world.system, 'broker', 'Put the messages back')
  // New task ids, chosen once: a message that was sent before an interruption is recognised by its id.
  const { ids } =
    operation.recorded === null
      ? { ids: Object.fromEntries(withdrawn.map(({ id }) => [id, crypto.randomUUID()] as const)) }
      : UndoRecord.parse(JSON.parse(operation.recorded))
  if (operation.recorded === null) operation.record({ ids })
  const sent = new Set(await control.sent(operation.id, world.signal))
  const jobs = withdrawn.flatMap(({ job }) => job ?? [])
  const queues = [...new Set(withdrawn.map(({ queue }) => queue))]
  const [waiting, tasks] =
    jobs.length === 0
      ? [[], []]
      : await Promise.all([
          control.waiting(queues, { ids: jobs, by: 'job' }, world.signal),
          control.tasks(world.signal),
        ])
  const held = tasks.filter(({ id }) => !spared.includes(id))
  const left: { id: string; because: string }[] = []
  const refused: unknown[] = []
  let restored = 0
  for (const { id, queue, raw, task, job, priority } of withdrawn) {
    const again = (one: { job: string | null; name?: string; task?: string | null }) =>
      job !== null && one.job === job && (one.name ?? one.task) === task
    const holder = held.find(again)
    const next = ids[id] ?? id
    if (sent.has(next)) restored++
    else if (waiting.some(again)) left.push({ id, because: `another message for ${job} is queued now` })
    else if (holder !== undefined) left.push({ id, because: `${holder.worker} is processing ${job} now` })
    else
      try {
        // Row first: a worker that takes the message finds its run naming this very task.
        if (job !== null) await nameTask(job, id, next, world)
        await control.enqueue(
          { id: next, name: task ?? '', args: [], queue, raw, priority, operation: operation.id },
          world.signal,
        )
        restored++
      } catch (error) {
        // Whether it was sent is known to the broker alone: the undo continues when it can be reached.
        if (
          !(error instanceof FailureError && error.failure.kind !== 'unreachable' && error.failure.kind !== 'timeout')
        )
          throw error
        // Those that are back already stay, and are not sent twice by another try.
        refused.push(error)
        left.push({ id, because: error instanceof Error ? error.message : String(error) })
      }
  }
  if (restored === 0 && refused.length === withdrawn.length) throw refused[0]
  return { restored, left }
}
