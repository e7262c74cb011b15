// A message for each chosen queued job, or one for the enqueuer: what the schedule would send, sent now.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import { shortTask } from '../broker-facts.ts'
import { needed } from '../missing-part.ts'
import type { Broker, TaskControl } from '../ports/broker.ts'
import { count, limit, plural } from '../wording.ts'
import type { Action, Done, Frozen, FrozenItem, Operation, Settled, Undone, World } from './action.ts'
import { chosenOne } from './chosen-one.ts'
import { refuse } from './refuse.ts'

interface EnqueuePlan extends Frozen {
  /** As the workers know it. */
  readonly task: string
  readonly queue: string
  /** Null: the enqueuer, which takes no arguments. */
  readonly jobs: readonly string[] | null
  readonly app: CelerySettings
  readonly notTouched: readonly string[]
  readonly know: readonly string[]
}

const TRIED = 'Enqueue now'
/** More is what the enqueuer is for. */
const MOST = 1000

/** With job ids: those jobs. Without, or for a queue: the enqueuer. */
export const enqueueNow: Action<EnqueuePlan> = {
  id: 'enqueue-now',
  target: 'jobs',
  risk: 'safe',
  kinds: ['recordings'],
  ability: null,
  needs: ['broker'],
  params: ['queue'],
  offer: () => ({ title: TRIED, blocked: null }),
  async plan(request, world) {
    const broker = needed(world.system, 'broker', TRIED)
    const queues = await broker.queues.queues(world.signal)
    const { target } = request
    // The screen of a queue acts on the queue: there it means the enqueuer.
    const onQueue = target !== 'all' && target.length === 1 && queues.some(({ name }) => name === target[0])
    return target === 'all' || onQueue
      ? freezeEnqueuer(
          request,
          world,
          broker,
          queues.flatMap(({ groups }) => groups),
        )
      : freezeJobs(
          request,
          target,
          world,
          broker,
          queues.map(({ name }) => name),
        )
  },
  preview({ task, queue, jobs, app, notTouched, know }) {
    const n = jobs?.length ?? 1
    const messages = count(n, 'message')
    return {
      title: jobs === null ? 'Run the enqueuer now' : `Enqueue ${count(n, 'job')}`,
      summary:
        jobs === null
          ? `One message of ${shortTask(task)} goes to the end of queue ${queue}, as the schedule sends every ${limit(app.enqueueSeconds * 1000)}.`
          : `${messages} of ${shortTask(task)} ${plural(n, 'goes', 'go')} to the end of queue ${queue}.`,
      notTouched: [...notTouched, 'Messages that wait', 'The rows of the database'],
      know: [...know],
      command:
        jobs === null
          ? `celery -A APP call ${task}`
          : jobs
              .slice(0, 5)
              .map((job) => callOf(task, job, app))
              .join('\n'),
      undo: `Undo takes ${plural(n, 'this very message', 'these very messages')} out again where no worker has taken ${plural(n, 'it', 'them')} yet.`,
      confirm: `Send ${messages}`,
    }
  },
  execute,
  settle,
  undo,
}

async function freezeEnqueuer(
  request: ActionRequest,
  world: World,
  { control, app }: Broker,
  groups: readonly { task: string | null; messages: number }[],
): Promise<EnqueuePlan> {
  const queue = chosenOne({ ...request, target: 'all' }, 'queue', app.defaultQueue, TRIED)
  const task = await control.deliverable(app.enqueueTask, queue, world.signal)
  const waiting = groups.filter((one) => one.task === task).reduce((sum, one) => sum + one.messages, 0)
  return {
    task,
    queue,
    jobs: null,
    app,
    notTouched: [],
    know: [
      ...(waiting === 0
        ? []
        : [
            `${count(waiting, 'message')} of it ${plural(waiting, 'waits', 'wait')} already: one more does nothing sooner.`,
          ]),
      ...(await slotsTaken(world, queue)),
    ],
    items: [{ id: task, title: shortTask(task), note: `to queue ${queue}`, fingerprint: queue }],
  }
}

async function freezeJobs(
  request: ActionRequest,
  ids: readonly string[],
  world: World,
  { control, app }: Broker,
  queues: readonly string[],
): Promise<EnqueuePlan> {
  const { system, signal } = world
  if (ids.length > MOST) throw refuse(TRIED, system.id, `more than ${MOST} jobs are meant`, 'Run the enqueuer instead.')
  if (app.jobArgument.index !== 0)
    throw refuse(TRIED, system.id, 'this task takes other arguments before its job', 'Run the enqueuer instead.')
  const queue = chosenOne({ ...request, target: 'all' }, 'queue', app.defaultQueue, TRIED)
  const [task, rows, waiting, tasks] = await Promise.all([
    control.deliverable(app.jobTask, queue, signal),
    system.jobs.rows({ kind: 'ids', ids }, MOST, signal),
    control.waiting(queues, { ids, by: 'job' }, signal),
    control.tasks(signal),
  ])
  const has = new Set([...waiting, ...tasks].flatMap(({ job }) => job ?? []))
  const queued = rows.filter(({ job }) => job.state === 'queued')
  const chosen = queued.filter(({ id }) => !has.has(id))
  const left = [
    [rows.length - queued.length, 'that is not queued', 'that are not queued'],
    [queued.length - chosen.length, 'that has a message or runs already', 'that have messages or run already'],
    [new Set(ids).size - rows.length, 'that no longer exists', 'that no longer exist'],
  ] as const
  const notTouched = left.flatMap(([n, one, many]) => (n === 0 ? [] : [`${count(n, 'job')} ${plural(n, one, many)}`]))
  if (chosen.length === 0)
    throw refuse(TRIED, system.id, `no chosen job needs a message; not touched: ${notTouched.join(', ')}`)
  const items = chosen.map(
    (row): FrozenItem => ({
      id: row.id,
      title: row.title,
      note: `to queue ${queue}`,
      fingerprint: `${queue} ${row.fingerprint}`,
    }),
  )
  return { task, queue, jobs: chosen.map(({ id }) => id), app, notTouched, know: await slotsTaken(world, queue), items }
}

/** What else must happen before it runs; what only explains the preview does not stop it. */
async function slotsTaken(world: World, queue: string): Promise<readonly string[]> {
  const workers = await world.system.broker?.control.workers(world.signal).catch(() => [])
  const takers = workers?.filter((worker) => worker.state === 'running' && worker.queues?.includes(queue)) ?? []
  const free = takers.some(({ busy, slots }) => busy < slots)
  return takers.length === 0 || free ? [] : ['Every slot is taken: it runs when a task ends.']
}

const Recorded = z.object({
  task: z.string(),
  queue: z.string(),
  /** The ids that the tasks get, chosen beforehand: so each is sent once at most. */
  messages: z.array(z.object({ id: z.string(), job: z.string().nullable() })),
})
type Recorded = z.infer<typeof Recorded>
type Sent = Recorded['messages'][number] & { queue: string; raw: string }

async function execute({ task, queue, jobs }: EnqueuePlan, world: World, operation: Operation): Promise<Done> {
  const { control } = needed(world.system, 'broker', TRIED)
  const messages = (jobs ?? [null]).map((job) => ({ id: crypto.randomUUID(), job }))
  operation.record({ task, queue, messages })
  const sent: Sent[] = []
  const left: { id: string; because: string }[] = []
  for (const message of messages) {
    try {
      sent.push(await send(control, { task, queue }, message, operation.id, world.signal))
    } catch (error) {
      if (sent.length === 0) throw error
      left.push({ id: message.job ?? task, because: error instanceof Error ? error.message : String(error) })
    }
  }
  return enqueued({ task, queue, messages }, sent, left)
}

/** Only what was sent counts: a message that was not sent when it was wanted is not sent later. */
async function settle(world: World, operation: Operation): Promise<Settled> {
  const recorded = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
  const { control } = needed(world.system, 'broker', TRIED)
  const ids = recorded.messages.map(({ id }) => id)
  const known = new Set(await control.withhold(operation.id, ids, world.signal))
  const sent: Sent[] = []
  // Sends nothing: it returns the message that was sent under this id.
  for (const message of recorded.messages)
    if (known.has(message.id)) sent.push(await send(control, recorded, message, operation.id, world.signal))
  if (sent.length === 0) return { state: 'nothing', summary: 'Interrupted: no message was sent.' }
  const left = recorded.messages
    .filter(({ id }) => !known.has(id))
    .map(({ id, job }) => ({ id: job ?? id, because: 'the change was interrupted before this message was sent' }))
  return { state: 'done', done: enqueued(recorded, sent, left) }
}

async function send(
  control: TaskControl,
  { task, queue }: Pick<Recorded, 'task' | 'queue'>,
  { id, job }: Recorded['messages'][number],
  operation: string,
  signal: AbortSignal,
): Promise<Sent> {
  const args = job === null ? [] : [argumentOf(job)]
  return { ...(await control.enqueue({ id, name: task, args, queue, operation }, signal)), queue, job }
}

function enqueued({ task, queue }: Recorded, sent: readonly Sent[], left: Done['left']): Done {
  const n = sent.length
  return {
    count: n,
    left,
    summary: `${count(n, 'message')} of ${shortTask(task)} ${plural(n, 'was', 'were')} sent to queue ${queue}.`,
    trail: n === 0 ? null : JSON.stringify({ sent }),
  }
}

const Trail = z.object({
  sent: z.array(z.object({ id: z.string(), queue: z.string(), raw: z.string(), job: z.string().nullable() })),
})

async function undo(trail: string, world: World, operation: Operation): Promise<Undone> {
  const { sent } = Trail.parse(JSON.parse(trail))
  const { control } = needed(world.system, 'broker', 'Take the messages out again')
  operation.record({ started: true })
  const left: { id: string; because: string }[] = []
  for (const { id, queue, raw, job } of sent)
    if (!(await control.withdraw(queue, raw, operation.id, world.signal)))
      left.push({ id: job ?? id, because: 'a worker has taken it' })
  return { restored: sent.length - left.length, left }
}

/** As the app's own enqueuer would send it: ids of an integer column as numbers. */
function argumentOf(job: string): string | number {
  return /^(0|[1-9]\d{0,14})$/.test(job) ? Number(job) : job
}

function callOf(task: string, job: string, app: CelerySettings): string {
  const args = JSON.stringify([argumentOf(job)])
  return `celery -A APP call ${task} --args='${args}'${app.defaultQueue === 'celery' ? '' : ` --queue=${app.defaultQueue}`}`
}
