// Actions from preview to undo: plan, fingerprint, then execute or undo as an operation with a durable intent.
import type { ActionInfo, ActionRequest, Preview, Receipt } from '../contract/action.ts'
import { FailureError, sentence, toFailure } from '../contract/failure.ts'
import type { SystemId } from '../contract/job.ts'
import type { Action, Frozen, World } from './actions/action.ts'
import { actions } from './actions/index.ts'
import { refuse, stale } from './actions/refuse.ts'
import type { Caller } from './api.ts'
import { nap, withDeadline } from './deadline.ts'
import { actionFor, cannot, checkParams, findAction, titleOf, unable } from './find-action.ts'
import { fingerprintOf, stillMeans } from './fingerprint.ts'
import { missingPart } from './missing-part.ts'
import { entryOf, notRetried, undoIntentId } from './operation-receipt.ts'
import { createOperations } from './operations.ts'
import type { History, Intent, Interrupted } from './ports/history.ts'
import type { Clock, LocalPorts } from './ports/local.ts'
import type { StackMaker } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import { createTurns } from './turns.ts'

const SAMPLE = 5
const PLAN_MS = 30_000
/** How long a new action waits for an interrupted one to be settled; then it is refused where both touch the same part. */
const SETTLE_MS = 10_000

export interface ActionsOptions {
  system(id: SystemId): System
  readonly local: LocalPorts
  readonly maker: StackMaker | null
  readonly history: History
  readonly clock: Clock
  newId(): string
  hash(text: string): string
  /** A receipt was written, also of a change that was settled later. */
  concluded?(receipt: Receipt): void
  /** After a write, so that everybody sees it soon. */
  written(id: SystemId): void
  onBug(where: string, error: unknown): void
}

export interface Actions {
  list(system: SystemId, signal: AbortSignal): Promise<ActionInfo[]>
  preview(request: ActionRequest, signal: AbortSignal): Promise<Preview>
  execute(request: ActionRequest, fingerprint: string, caller: Caller): Promise<Receipt>
  undo(receipt: string, caller: Caller): Promise<Receipt>
  /** Finishes or takes back what was interrupted on this system. Never throws; the rest stays in `interrupted`. */
  settle(system: System): Promise<void>
  interrupted(system: SystemId): readonly Interrupted[]
  /** Resolves when no write is under way: every one of them has its receipt. */
  idle(): Promise<void>
}

export function createActions(options: ActionsOptions): Actions {
  const { clock, history } = options
  const turns = createTurns()
  const operations = createOperations({
    ...options,
    world: (system, signal) => ({ system, local: localOf(system), maker: options.maker, signal }),
  })

  function localOf(system: System): LocalPorts | null {
    return system.kind === 'local' ? options.local : null
  }

  function within<T>(
    system: System,
    outer: AbortSignal | null,
    tried: string,
    work: (world: World) => Promise<T>,
  ): Promise<T> {
    const what = { tried, on: system.id, remedy: 'Nothing was written; try again.' }
    return withDeadline(clock, PLAN_MS, outer, what, (signal) =>
      work({ system, local: localOf(system), maker: options.maker, signal }),
    )
  }

  function planned(action: Action, request: ActionRequest, system: System, outer: AbortSignal | null) {
    return within(system, outer, `Plan ${action.id}`, async (world) => {
      const because = await unable(action, system, world.signal)
      if (because !== null) throw refuse(titleOf(action), system.id, because)
      checkParams(action, request)
      const plan = await action.plan(request, world)
      return { plan, fingerprint: fingerprintOf(request, plan, options.hash) }
    }).catch((error: unknown) => {
      throw notRetried(error)
    })
  }

  async function atMost(ms: number, work: Promise<void>): Promise<void> {
    const ended = new AbortController()
    await Promise.race([work, nap(clock, ms, ended.signal)]).finally(() => ended.abort())
  }

  /** What was interrupted before comes first: the same messages, rows or files may be concerned. */
  async function settleFirst(action: Action, system: System): Promise<void> {
    if (history.open().every((intent) => intent.system !== system.id)) return
    await atMost(SETTLE_MS, operations.settle(system))
    const open = operations.interrupted(system.id).find(({ action: id }) => {
      const other = findAction(id, system)
      return other === null || sharesParts(action, other)
    })
    if (open === undefined) return
    throw new FailureError({
      kind: 'busy',
      tried: titleOf(action),
      on: system.id,
      because: `an earlier change, “${open.title}”, was interrupted; recovery is pending: ${open.because}`,
      remedy: 'Wait until Unjam has completed it or rolled it back, then try again.',
    })
  }

  return {
    idle: turns.idle,

    async list(id, signal) {
      const system = options.system(id)
      const local = localOf(system)
      return within(system, signal, 'List the actions', async ({ signal: within }) => {
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
        await settleFirst(action, system)
        const now = await planned(action, request, system, null).catch((error: unknown) => {
          // It could be planned when it was previewed; that it cannot any more is the world having moved.
          const refused = error instanceof FailureError && error.failure.kind === 'refused'
          throw refused ? stale(titleOf(action), system.id, error.failure.because) : error
        })
        const { title } = action.preview(now.plan)
        if (!stillMeans(fingerprint, now.fingerprint, now.plan)) throw stale(title, system.id, null)
        const { plan } = now
        const intent: Intent = {
          ...{ id: options.newId(), kind: 'execute', action: action.id, system: system.id, title },
          ...{ at: clock.now(), actor: caller.actor, previewed: countOf(plan) },
        }
        return operations.execute(intent, system, (world, operation) => action.execute(plan, world, operation))
      })
    },

    async undo(id, caller) {
      const system = options.system(entryOf(history, id).receipt.system)
      return turns.take(system.id, async () => {
        // Read again inside the turn: somebody may just have undone it.
        const { receipt } = entryOf(history, id)
        const refused = undoRefusal(receipt)
        if (refused !== null) throw refuse('Undo', receipt.title, refused)
        const action = actionFor(receipt.action, system)
        const own = undoIntentId(id)
        if (history.open().every((intent) => intent.id !== own)) await settleFirst(action, system)
        const intent: Intent = {
          ...{ id: own, kind: 'undo', action: action.id, system: system.id, title: receipt.title },
          ...{ at: clock.now(), actor: caller.actor, previewed: receipt.count },
        }
        return operations.undo(intent, system, id)
      })
    },

    settle: (system) => turns.take(system.id, () => operations.settle(system)),
    interrupted: operations.interrupted,
  }
}

function countOf(plan: Frozen): number {
  return plan.count ?? plan.items.length
}

/** Whether both may write to the same part of a system. The .env is applied through the stack. */
function sharesParts(one: Action, other: Action): boolean {
  const parts = ({ needs = [], ability }: Action) =>
    new Set<string>([
      ...needs.map((part) => (part === 'env' ? 'stack' : part)),
      ...(ability === null && needs.length > 0 ? [] : ['jobs']),
    ])
  const theirs = parts(other)
  return [...parts(one)].some((part) => theirs.has(part))
}

function undoRefusal(receipt: Receipt): string | null {
  if (receipt.undone !== null) return `it was undone already by ${receipt.undone.actor}`
  return receipt.undoable ? null : 'nothing was changed that could be put back'
}
