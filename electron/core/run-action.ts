// plan → preview → fingerprint → execute → receipt → undo: the only place that calls an action's execute and undo.
import type { ActionInfo, ActionRequest, Preview, Receipt, Watch } from '../contract/action.ts'
import { FailureError, sentence, toFailure } from '../contract/failure.ts'
import type { SystemId } from '../contract/job.ts'
import type { Action, Done, Frozen, World } from './actions/action.ts'
import { actions } from './actions/index.ts'
import { refuse, stale } from './actions/refuse.ts'
import type { Caller } from './api.ts'
import { withDeadline } from './deadline.ts'
import { actionFor, cannot, checkParams, titleOf, unable } from './find-action.ts'
import { fingerprintOf, stillMeans } from './fingerprint.ts'
import { missingPart } from './missing-part.ts'
import type { Clock, History, LocalPorts } from './ports/local.ts'
import type { StackMaker } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import { createTurns } from './turns.ts'

const SAMPLE = 5
interface Limit {
  readonly ms: number
  readonly remedy: string
}
const PLAN: Limit = { ms: 30_000, remedy: 'Nothing was written; try it again.' }
/** Starting a worker waits for its ready line; a write has its own deadline in the adapter. */
const WRITE_MS = 120_000
const write = ({ writeMs = WRITE_MS }: Action): Limit => ({
  ms: writeMs,
  remedy: 'What it had begun may still go on: look how things stand before it is tried again.',
})

export interface ActionsOptions {
  system(id: SystemId): System
  readonly local: LocalPorts
  readonly maker: StackMaker | null
  readonly history: History
  readonly clock: Clock
  newId(): string
  hash(text: string): string
  /** After a write, so that everybody sees it soon. */
  written(id: SystemId): void
  onBug(where: string, error: unknown): void
}

export interface Actions {
  list(system: SystemId, signal: AbortSignal): Promise<ActionInfo[]>
  preview(request: ActionRequest, signal: AbortSignal): Promise<Preview>
  execute(request: ActionRequest, fingerprint: string, caller: Caller): Promise<Receipt>
  undo(receipt: string, caller: Caller): Promise<Receipt>
  /** Resolves when no write is under way: every one of them has its receipt. */
  idle(): Promise<void>
}

export function createActions(options: ActionsOptions): Actions {
  const { clock, history } = options
  const turns = createTurns()

  function localOf(system: System): LocalPorts | null {
    return system.kind === 'local' ? options.local : null
  }

  /** Everything an action does has a deadline, whoever asked and whether or not he still listens. */
  function within<T>(
    { ms, remedy }: Limit,
    system: System,
    outer: AbortSignal | null,
    tried: string,
    work: (world: World) => Promise<T>,
  ): Promise<T> {
    return withDeadline(clock, ms, outer, { tried, on: system.id, remedy }, (signal) =>
      work({ system, local: localOf(system), maker: options.maker, signal }),
    )
  }

  function planned(action: Action, request: ActionRequest, system: System, outer: AbortSignal | null) {
    return within(PLAN, system, outer, `Plan ${action.id}`, async (world) => {
      const because = await unable(action, system, world.signal)
      if (because !== null) throw refuse(titleOf(action), system.id, because)
      checkParams(action, request)
      const plan = await action.plan(request, world)
      return { plan, fingerprint: fingerprintOf(request, plan, options.hash) }
    })
  }

  function keep(receipt: Receipt, done: Done): void {
    try {
      history.append(receipt, done.trail ?? '')
    } catch (error) {
      options.onBug('the receipt', error)
      throw new FailureError(
        {
          kind: 'bug',
          tried: `Keep the receipt of: ${done.summary}`,
          on: receipt.system,
          because: 'the change was made, but the history cannot be written',
          remedy: 'It cannot be undone from History; check the disk of the data directory.',
        },
        { cause: error },
      )
    }
  }

  function watching({ withinMs, sentence }: NonNullable<Done['watch']>): Watch {
    return { state: 'watching', until: new Date(clock.nowMs() + withinMs).toISOString(), sentence }
  }

  return {
    idle: turns.idle,

    async list(id, signal) {
      const system = options.system(id)
      const local = localOf(system)
      return within(PLAN, system, signal, 'List the actions', async ({ signal: within }) => {
        const [able, counts] = await Promise.all([
          system.jobs.abilities(within).catch((error: unknown) => sentence(toFailure(error, 'Ask what is possible'))),
          // Unknown counts block nothing: the plan will tell.
          system.jobs.counts(within).catch(() => null),
        ])
        const infos = actions
          .filter((action) => action.kinds.includes(system.kind))
          .map((action): ActionInfo => {
            const { title, blocked } = action.offer({ counts, local, maker: options.maker })
            const because =
              missingPart(system, action.needs ?? []) ?? (action.ability === null ? null : cannot(able, action.ability))
            return { id: action.id, title, target: action.target, risk: action.risk, blocked: because ?? blocked }
          })
        const add: ActionInfo = {
          id: 'add-files',
          title: 'Add files',
          target: 'system',
          risk: 'safe',
          blocked: cannot(able, 'add'),
        }
        return [add, ...infos]
      })
    },

    async preview(request, signal) {
      const system = options.system(request.system)
      const action = actionFor(request.action, system)
      const { plan, fingerprint } = await planned(action, request, system, signal)
      const words = action.preview(plan)
      return {
        action: action.id,
        system: system.id,
        know: [],
        table: null,
        diff: null,
        ...words,
        count: countOf(plan),
        sample: [...(plan.sample ?? plan.items)].slice(0, SAMPLE).map(({ id, title, note }) => ({ id, title, note })),
        risk: action.risk,
        undoable: plan.undoable !== false,
        fingerprint,
      }
    },

    async execute(request, fingerprint, caller) {
      const system = options.system(request.system)
      const action = actionFor(request.action, system)
      return turns.take(system.id, async () => {
        const now = await planned(action, request, system, null).catch((error: unknown) => {
          // It could be planned when it was previewed; that it cannot any more is the world having moved.
          const refused = error instanceof FailureError && error.failure.kind === 'refused'
          throw refused ? stale(titleOf(action), system.id, error.failure.because) : error
        })
        const { title } = action.preview(now.plan)
        if (!stillMeans(fingerprint, now.fingerprint, now.plan)) throw stale(title, system.id, null)
        const id = options.newId()
        const done = await within(write(action), system, null, title, (world) =>
          action.execute(now.plan, world, id),
        ).finally(() => options.written(system.id))
        const receipt: Receipt = {
          id,
          action: action.id,
          system: system.id,
          title,
          summary: done.summary,
          at: clock.now(),
          actor: caller.actor,
          count: done.count,
          previewed: countOf(now.plan),
          left: [...done.left],
          undoable: done.trail !== null,
          watch: done.watch === undefined ? null : watching(done.watch),
          undone: null,
        }
        keep(receipt, done)
        return receipt
      })
    },

    async undo(id, caller) {
      const system = options.system(entryOf(history, id).receipt.system)
      return turns.take(system.id, async () => {
        // Read again inside the turn: somebody may just have undone it.
        const { receipt, trail } = entryOf(history, id)
        const refused = undoRefusal(receipt)
        if (refused !== null) throw refuse('Undo', receipt.title, refused)
        const action = actionFor(receipt.action, system)
        const undone = await within(write(action), system, null, `Undo ${receipt.title}`, (world) =>
          action.undo(trail, world),
        ).finally(() => options.written(system.id))
        const after: Receipt = {
          // What the receipt waited for may have come while it was undone.
          ...entryOf(history, id).receipt,
          undone: { at: clock.now(), actor: caller.actor, restored: undone.restored, left: [...undone.left] },
        }
        history.replace(after)
        return after
      })
    },
  }
}

function countOf(plan: Frozen): number {
  return plan.count ?? plan.items.length
}

function entryOf(history: History, id: string): { receipt: Receipt; trail: string } {
  const entry = history.get(id)
  if (entry !== null) return entry
  throw new FailureError({
    kind: 'missing',
    tried: 'Undo',
    on: id,
    because: 'there is no such receipt',
    remedy: 'History lists those that exist.',
  })
}

function undoRefusal(receipt: Receipt): string | null {
  if (receipt.undone !== null) return `it was undone already by ${receipt.undone.actor}`
  return receipt.undoable ? null : 'nothing was changed that could be put back'
}
