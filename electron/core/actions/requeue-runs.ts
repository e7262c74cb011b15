// Crawl runs are started again: back to pending under a new task id, then a message with that id (runbook 3, "Re-queue the task").
import * as z from 'zod'
import { FailureError, sentence } from '../../contract/failure.ts'
import { shortTask } from '../broker-facts.ts'
import { needed } from '../missing-part.ts'
import type { Broker } from '../ports/broker.ts'
import type { Written } from '../ports/jobs.ts'
import { holdersOf } from '../run-holders.ts'
import { count, plural } from '../wording.ts'
import type { Action, Done, Operation, Settled, Undone, World } from './action.ts'
import {
  Changed,
  fingerprintsOf,
  freezeRows,
  isCommitted,
  NOT_WRITTEN,
  type RowsPlan,
  restoreRows,
} from './frozen-rows.ts'
import { refuse } from './refuse.ts'
import { runStatement } from './run-statement.ts'

interface RequeuePlan extends RowsPlan {
  /** As the workers know it. */
  readonly task: string
  /** The argument that names the run. */
  readonly argument: string
  readonly queue: string
}

const TRIED = 'Retry runs'
/** Each is a message of its own. */
const MOST = 1000

export const requeueRuns: Action<RequeuePlan> = {
  id: 'retry-jobs',
  target: 'jobs',
  risk: 'safe',
  kinds: ['crawl'],
  ability: 'retry',
  needs: ['broker'],
  params: ['state', 'queue'],
  offer: ({ counts }) => ({
    title: TRIED,
    blocked:
      counts !== null && counts.failed + counts.skipped + counts.queued === 0 ? 'No run has failed or waits.' : null,
  }),
  async plan(request, world) {
    const { system, signal } = world
    const broker = needed(system, 'broker', TRIED)
    const found = await freezeRows(request, world, {
      tried: TRIED,
      all: ['failed'],
      chosen: ['failed', 'skipped', 'queued'],
      none: 'no run can be started again',
      write: { verb: 'retry' },
      leaves: ({ job, source }) =>
        job.children != null
          ? 'made of several sources (its message alone would start none of them)'
          : source === undefined
            ? 'without a source'
            : null,
      note: ({ job }) =>
        job.state === 'failed'
          ? (job.error ?? 'failed without a message')
          : job.state === 'queued'
            ? 'waits'
            : 'skipped',
    })
    if (found.rows.length > MOST) throw refuse(TRIED, system.id, `more than ${MOST} runs are meant`, 'Choose fewer.')
    const { waiting, held, taken } = await holdersOf(
      found.rows.map(({ job }) => job),
      broker,
      signal,
    )
    const rows = found.rows.filter(({ id }) => !waiting.has(id) && !held.has(id) && !taken.has(id))
    const busy = found.rows.length - rows.length
    const notTouched = [
      ...found.notTouched,
      ...(busy === 0
        ? []
        : [
            `${count(busy, 'run')} ${plural(busy, 'that has', 'that have')} a message or a worker already: revoke the task first`,
          ]),
    ]
    if (rows.length === 0)
      throw refuse(TRIED, system.id, `no run can be started again; not touched: ${notTouched.join(', ')}`)
    const { task, queue } = await wayTo(broker, request.params.queue, signal)
    return {
      ...found,
      ...{ rows, notTouched, task, queue, argument: broker.app.jobArgument.name },
      items: found.items
        .filter(({ id }) => rows.some((row) => row.id === id))
        .map((item) => ({ ...item, fingerprint: `${queue} ${item.fingerprint}` })),
      command: [
        runStatement(system.jobs.tables, rows, { verb: 'retry' }),
        ...rows.slice(0, 5).map(({ id, source }) => callOf(task, queue, source ?? '', broker.app.jobArgument.name, id)),
        ...(rows.length > 5 ? [`# and ${rows.length - 5} more`] : []),
      ].join('\n'),
    }
  },
  preview({ rows, notTouched, task, queue, command }) {
    const n = rows.length
    return {
      title: TRIED,
      summary: `${count(n, 'run')} ${plural(n, 'goes', 'go')} back to pending under a new task id; then ${count(n, 'message')} of ${shortTask(task)} ${plural(n, 'goes', 'go')} to the end of queue ${queue}.`,
      notTouched: [...notTouched, 'Runs with several sources', 'Messages that wait', 'What was crawled'],
      command,
      undo: 'Undo takes each message out again where no worker has taken it yet, and puts its row back as it was.',
      confirm: `Retry ${count(n, 'run')}`,
    }
  },
  execute,
  settle,
  undo,
}

/** The queue that is named, else the one for runs, else the default one: where a worker that knows the task listens. */
async function wayTo({ control, app }: Broker, named: string | undefined, signal: AbortSignal) {
  const queues = named !== undefined ? [named] : [...new Set([app.jobQueue ?? app.defaultQueue, app.defaultQueue])]
  let refused: unknown = null
  for (const queue of queues)
    try {
      return { queue, task: await control.deliverable(app.jobTask, queue, signal) }
    } catch (error) {
      if (!(error instanceof FailureError && error.failure.kind === 'refused')) throw error
      refused ??= error
    }
  throw refused
}

const Left = z.array(z.object({ id: z.string(), because: z.string() }))
const Recorded = z.object({
  transaction: z.string().nullable(),
  /** Name, queue and argument of the messages. */
  ...{ task: z.string(), queue: z.string(), argument: z.string() },
  changed: Changed,
  left: Left,
  /** By run: the id of its new task, and its source. */
  messages: z.record(z.string(), z.object({ id: z.string(), source: z.string() })),
  /** Runs whose message was refused: their rows go back. */
  unsent: Left,
})
type Recorded = z.infer<typeof Recorded>

/** Rows first: a worker that takes a message finds its run pending and naming this very task. */
async function execute(plan: RequeuePlan, world: World, operation: Operation): Promise<Done> {
  const { rows, task, queue, argument } = plan
  const messages = Object.fromEntries(
    rows.map(({ id, source = '' }) => [id, { id: crypto.randomUUID(), source }] as const),
  )
  const tasks = Object.fromEntries(Object.entries(messages).map(([run, { id }]) => [run, id]))
  const recordOf = ({ changed, left }: Written, transaction: string | null): Recorded => ({
    ...{ transaction, task, queue, argument, messages, unsent: [] },
    changed: [...changed],
    left: [...left],
  })
  let transaction: string | null = null
  const written = await world.system.jobs.write(rows, { verb: 'retry', tasks }, (result, id) => {
    transaction = id
    operation.record(recordOf(result, id))
  })
  return sendMessages(recordOf(written, transaction), world, operation)
}

/** Rows that were written get their messages, each once, whenever the interruption came. */
async function settle(world: World, operation: Operation): Promise<Settled> {
  const recorded = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
  const { transaction, changed } = recorded
  if (!(await isCommitted(world.system, transaction, changed.map(fingerprintsOf), world.signal))) return NOT_WRITTEN
  return { state: 'done', done: await sendMessages(recorded, world, operation) }
}

async function sendMessages(recorded: Recorded, { system, signal }: World, operation: Operation): Promise<Done> {
  const { control } = needed(system, 'broker', TRIED)
  const { changed, messages, task, queue, argument } = recorded
  const sent: Sent[] = []
  const unsent = [...recorded.unsent]
  let first: unknown = null
  for (const { before } of changed) {
    const message = messages[before.id]
    if (message === undefined || unsent.some(({ id }) => id === before.id)) continue
    const { id, source } = message
    try {
      const call = { id, name: task, args: [source], kwargs: { [argument]: before.id }, queue }
      sent.push({ ...(await control.enqueue({ ...call, operation: operation.id }, signal)), queue, job: before.id })
    } catch (error) {
      // Whether it was sent is known to the broker alone: it is asked again when it can be reached.
      if (!(error instanceof FailureError && error.failure.kind === 'refused')) throw error
      first ??= error
      unsent.push({ id: before.id, because: `no message could be sent: ${sentence(error.failure)}` })
    }
  }
  const without = new Set(unsent.map(({ id }) => id))
  // A pending run without a message would wait forever: it becomes what it was.
  if (without.size > 0) {
    operation.record({ ...recorded, unsent })
    await system.jobs.restore(changed.filter(({ before }) => without.has(before.id)))
  }
  if (sent.length === 0 && first !== null) throw first
  const n = sent.length
  return {
    count: n,
    left: [...recorded.left, ...unsent],
    summary: `${count(n, 'run')} ${plural(n, 'was', 'were')} started again through queue ${queue}.`,
    trail: n === 0 ? null : JSON.stringify({ changed: changed.filter(({ before }) => !without.has(before.id)), sent }),
  }
}

type Sent = z.infer<typeof Trail>['sent'][number]
const Trail = z.object({
  changed: Changed,
  sent: z.array(z.object({ job: z.string(), id: z.string(), queue: z.string(), raw: z.string() })),
})

/** Messages first: once one is taken its run is the worker's. A row that changed meanwhile keeps its message. */
async function undo(trail: string, world: World, operation: Operation): Promise<Undone> {
  const { changed, sent } = Trail.parse(JSON.parse(trail))
  const { system, signal } = world
  const { control } = needed(system, 'broker', 'Take the messages out again')
  if (operation.recorded === null) operation.record({})
  const left: { id: string; because: string }[] = []
  const withdrawn = new Map<string, Sent>()
  for (const message of sent)
    if (await control.withdraw(message.queue, message.raw, operation.id, signal)) withdrawn.set(message.job, message)
    else left.push({ id: message.job, because: 'a worker has taken its message' })
  const back = await restoreRows(
    changed.filter(({ before }) => withdrawn.has(before.id)),
    world,
    operation,
  )
  for (const one of back.left) {
    left.push(one)
    const message = withdrawn.get(one.id)
    if (message === undefined) continue
    const { id, queue, raw } = message
    await control.enqueue({ id, name: '', args: [], queue, raw, operation: operation.id }, signal)
  }
  return { restored: back.restored, left }
}

/** Runbook 3: `crawl_source.delay(str(job.source_id), crawl_job_id=str(job.id))`. */
function callOf(task: string, queue: string, source: string, argument: string, run: string): string {
  const kwargs = JSON.stringify({ [argument]: run })
  return `celery -A APP call ${task} --args='${JSON.stringify([source])}' --kwargs='${kwargs}' --queue=${queue}`
}
