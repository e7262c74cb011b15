// One queue as a frozen set: planned without moving a message, moved into quarantine, put back from the trail.
import * as z from 'zod'
import type { ActionRequest, PreviewTable } from '../../contract/action.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { Counts } from '../../contract/snapshot.ts'
import { shortTask } from '../broker-facts.ts'
import { needed } from '../missing-part.ts'
import type { Quarantined, QuarantinePlan, QuarantineRule } from '../ports/broker.ts'
import { count, number, plural } from '../wording.ts'
import type { Done, Frozen, Operation, Settled, Undone, World } from './action.ts'
import { invalid, refuse } from './refuse.ts'

/** A million messages are moved in seconds; a busy machine may take longer. */
export const QUEUE_WRITE_MS = 10 * 60_000

export interface QueuePlan extends Frozen {
  readonly queue: string
  readonly app: CelerySettings
  readonly found: QuarantinePlan
  /** Null: they could not be read, and the preview says nothing about them. */
  readonly counts: Counts | null
  /** Title of a running job; null when none is known to run. */
  readonly running: string | null
  /** A schedule refills the queue from the database (runbook 2). */
  readonly refilled: boolean
}

export interface QueueChoice {
  /** As a clause: "Purge the queue". */
  readonly tried: string
  readonly rule: QuarantineRule
  /** Refusal when no message would be moved. */
  readonly none: string
}

export async function freezeQueue(request: ActionRequest, world: World, choice: QueueChoice): Promise<QueuePlan> {
  const { system, signal } = world
  const broker = needed(system, 'broker', choice.tried)
  const queue = queueOf(request, broker.app.defaultQueue, choice.tried)
  const [found, counts, running] = await Promise.all([
    broker.quarantine.plan(queue, choice.rule, signal),
    // What only explains the preview does not stop it.
    system.jobs.counts(signal).catch(() => null),
    system.jobs.running(1, signal).catch(() => []),
  ])
  if (found.moves === 0) throw refuse(choice.tried, queue, choice.none)
  const sample = found.sample.map((message) => ({
    id: message.id ?? message.tag ?? '',
    title: message.job ?? shortTask(message.task ?? message.opaque ?? 'a message that cannot be read'),
    note: message.task === null ? '' : `${shortTask(message.task)}${message.args}`,
  }))
  return {
    items: [{ id: queue, title: queue, note: count(found.messages, 'message'), fingerprint: found.fingerprint }],
    count: found.moves,
    sample,
    queue,
    app: broker.app,
    found,
    counts,
    running: running[0]?.title ?? null,
    refilled: system.kind === 'recordings',
  }
}

/** The parameter, or the one id, or the queue that the app uses when none is named. */
function queueOf({ target, params }: ActionRequest, usual: string, tried: string): string {
  const named = target === 'all' ? [] : [...new Set(target)]
  const all = params.queue === undefined ? named : [...new Set([...named, params.queue])]
  const [queue = usual, second] = all
  if (second !== undefined)
    throw invalid(tried, all.join(', '), 'it works on one queue at a time', 'Choose one of them.')
  if (queue.trim() === '') throw invalid(tried, '', 'the queue has no name', 'Give it as queue=NAME.')
  return queue
}

export async function moveQueue(
  plan: QueuePlan,
  world: World,
  operation: Operation,
  choice: QueueChoice,
  doneOf: MovedDone,
): Promise<Done> {
  const broker = needed(world.system, 'broker', choice.tried)
  const recorded: Recorded = { queue: plan.queue, previewed: plan.found.moves, queued: plan.counts?.queued ?? null }
  operation.record(recorded)
  const quarantined = await broker.quarantine.move(plan.queue, choice.rule, operation.id, world.signal)
  return moveDone(recorded, quarantined, doneOf)
}

/** Redis keeps its own journal of the operation: it is complete, or everything is put back. */
export async function settleQueue(
  world: World,
  operation: Operation,
  tried: string,
  doneOf: MovedDone,
): Promise<Settled> {
  const recorded = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
  const broker = needed(world.system, 'broker', tried)
  const quarantined = await broker.quarantine.outcome(recorded.queue, operation.id, world.signal)
  return quarantined === null
    ? { state: 'nothing', summary: `Interrupted: no message of queue ${recorded.queue} is set aside.` }
    : { state: 'done', done: moveDone(recorded, quarantined, doneOf) }
}

/** Words of one action about the messages it moved. */
export type MovedDone = (moved: number, queue: string) => Pick<Done, 'summary' | 'watch'>

const Recorded = z.object({ queue: z.string(), previewed: z.number(), queued: z.number().nullable() })
type Recorded = z.infer<typeof Recorded>

function moveDone({ queue, previewed, queued }: Recorded, quarantined: Quarantined, doneOf: MovedDone): Done {
  const { moved } = quarantined
  const other = moved === previewed ? '' : ` The preview said ${number(previewed)}; the queue changed meanwhile.`
  const { summary, watch } = doneOf(moved, queue)
  return {
    count: moved,
    left: [],
    summary: `${summary}${other}`,
    trail: moved === 0 ? null : trailOf(quarantined, queued),
    ...(watch === undefined ? {} : { watch }),
  }
}

export const QueueTrail = z.object({
  quarantined: z.object({
    operation: z.string(),
    queue: z.string(),
    rule: z.enum(['all', 'duplicates', 'periodic']),
    moved: z.number(),
    lists: z.array(z.object({ priority: z.number(), key: z.string(), messages: z.number() })),
    until: z.string(),
  }),
  /** Jobs that were queued in the database just before; null where that is unknown. */
  queued: z.number().nullable(),
})

function trailOf(quarantined: Quarantined, queued: number | null): string {
  return JSON.stringify({ quarantined, queued })
}

/** Idempotent in Redis: a second undo returns what the first one did. */
export async function putQueueBack(trail: string, world: World, operation: Operation): Promise<Undone> {
  operation.record({ started: true })
  const { quarantined } = QueueTrail.parse(JSON.parse(trail))
  const broker = needed(world.system, 'broker', 'Put the messages back')
  const { restored, left } = await broker.quarantine.restore(quarantined, world.signal)
  return { restored, left: [...left] }
}

/** Tasks with their number of messages; the bar is their part of all that is moved. */
export function tableOf({ found }: QueuePlan, moves: string): PreviewTable {
  const whole = found.groups.reduce((sum, group) => sum + group.moves, 0)
  return {
    columns: ['Task', moves],
    rows: found.groups
      .filter((group) => group.moves > 0)
      .map((group) => ({
        cells: [group.task === null ? 'cannot be read' : shortTask(group.task), number(group.moves)],
        share: group.moves / whole,
      })),
  }
}

/** What no quarantine touches: runbook 2 says what a queue is, and what it is not. */
export function untouched({ found, counts }: QueuePlan): string[] {
  const { unacked } = found
  const taken =
    unacked === null
      ? 'Messages that workers have taken'
      : unacked === 0
        ? 'Running jobs'
        : `Running jobs and the ${count(unacked, 'message')} that workers have taken`
  const rows =
    counts === null || counts.queued === 0
      ? 'The rows of the database'
      : `The ${number(counts.queued)} queued ${plural(counts.queued, 'row', 'rows')} of the database`
  return [taken, rows, 'Other queues', 'Results and schedules']
}

export const undoWords =
  'For 24 h, also after a restart of Unjam: puts back every message once, in its order, before those that came since.'

/** As `redis-cli` takes it; the name of the quarantine ends with the receipt that this will leave. */
export function purgeCommand(plan: QueuePlan): string {
  return plan.found.lists
    .map(({ key, priority }) => `RENAME ${quoted(key)} ${quoted(asideOf(plan, priority))}`)
    .join('\n')
}

/** How a rule sorts a queue that was taken aside; what is kept becomes the queue again. */
export function sortingCommand(plan: QueuePlan, first: string): string {
  return plan.found.lists
    .flatMap(({ key, priority }) => {
      const aside = asideOf(plan, priority)
      return [
        `RENAME ${quoted(key)} ${quoted(`${aside}:src`)}`,
        `LMOVE ${quoted(`${aside}:src`)} ${quoted(`${aside}:keep`)} RIGHT LEFT   # ${first}`,
        `LMOVE ${quoted(`${aside}:src`)} ${quoted(aside)} RIGHT LEFT   # any other`,
        `RENAME ${quoted(`${aside}:keep`)} ${quoted(key)}`,
      ]
    })
    .join('\n')
}

function asideOf({ queue, app }: QueuePlan, priority: number): string {
  return `${app.keyPrefix}unjam:quarantine:RECEIPT:${queue}:${priority}`
}

/** kombu's separator has control characters, which redis-cli takes as escapes between quotes. */
function quoted(key: string): string {
  if (/^[\w.:@/-]+$/.test(key)) return key
  const escaped = key
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${escaped}"`
}
