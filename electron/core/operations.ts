// Changes from intent to receipt: durable before their first write, settled after a crash or a lost connection.
import type { Receipt } from '../contract/action.ts'
import { FailureError, type FailureKind, toFailure } from '../contract/failure.ts'
import type { SystemId } from '../contract/job.ts'
import type { Done, Operation, Settled, Undone, World } from './actions/action.ts'
import { withDeadline } from './deadline.ts'
import { actionFor, findAction } from './find-action.ts'
import {
  CONFIRMED,
  entryOf,
  interruptedError,
  nothing,
  notRetried,
  receiptIdOf,
  receiptOf,
} from './operation-receipt.ts'
import type { History, Intent, Interrupted } from './ports/history.ts'
import type { Clock } from './ports/local.ts'
import type { System } from './ports/system.ts'
import { isUnreadable, settleAction, unclear } from './settle-action.ts'

export interface OperationsOptions {
  readonly history: History
  readonly clock: Clock
  world(system: System, signal: AbortSignal): World
  /** After a write, so that its effect is read soon. */
  written(id: SystemId): void
  /** A receipt was written, also of a change that was settled later. */
  concluded?(receipt: Receipt): void
  onBug(where: string, error: unknown): void
}

export interface Operations {
  execute(intent: Intent, system: System, work: (world: World, operation: Operation) => Promise<Done>): Promise<Receipt>
  undo(intent: Intent, system: System, receipt: string): Promise<Receipt>
  /**
   * Completes or rolls back what was interrupted on this system; each gets its receipt. Never throws: what cannot be
   * settled now stays in `interrupted`. Must not overlap with a change of the same system.
   */
  settle(system: System): Promise<void>
  interrupted(system: SystemId): readonly Interrupted[]
}

/** A write has deadlines of its own in its adapter; this one ends what they forget, ms. */
const WRITE_MS = 120_000
const REMEDY = 'It may still be in progress: check the current state before repeating it.'
/** Kinds of failure that a later try may not meet again. */
const PASSING: readonly FailureKind[] = ['unreachable', 'timeout', 'busy']

export function createOperations(options: OperationsOptions): Operations {
  const { history, clock, onBug } = options
  /** Work that has not ended, although its deadline may have passed. */
  const running = new Map<string, Promise<unknown>>()
  /** Changes that somebody waits for at this moment: in progress, not interrupted. */
  const current = new Set<string>()
  /** Receipts that could not be written: the disk is full. */
  const unsaved = new Map<string, { receipt: Receipt; trail: string | null }>()
  const reasons = new Map<string, string>()

  function within<T>(intent: Intent, system: System, work: (world: World) => Promise<T>): Promise<T> {
    const ms = actionFor(intent.action, system).writeMs ?? WRITE_MS
    const what = { tried: intent.title, on: system.id, remedy: REMEDY }
    return withDeadline(clock, ms, null, what, (signal) => {
      const result = work(options.world(system, signal))
      const ended = result.finally(() => running.delete(intent.id))
      ended.catch(() => undefined)
      running.set(intent.id, ended)
      return ended
    }).finally(() => options.written(system.id))
  }

  function operationOf(intent: Intent): Operation & { recorded: string | null } {
    const operation = {
      id: intent.id,
      recorded: history.recorded(intent.id),
      record(state: object) {
        const text = JSON.stringify(state)
        history.record(intent.id, text)
        operation.recorded = text
      },
    }
    return operation
  }

  /** Ends the intent with its receipt; where the history cannot be written, the receipt waits for it. */
  function conclude(intent: Intent, receipt: Receipt, trail: string | null): Receipt {
    try {
      history.conclude(intent.id, receipt, trail)
    } catch (error) {
      onBug('the receipt', error)
      unsaved.set(intent.id, { receipt, trail })
      reasons.set(intent.id, toFailure(error, 'Save the receipt').because)
      return { ...receipt, summary: `${receipt.summary} Its receipt is saved once the history can be written.` }
    }
    unsaved.delete(intent.id)
    reasons.delete(intent.id)
    options.concluded?.(receipt)
    return receipt
  }

  function abandon(intent: Intent): void {
    reasons.delete(intent.id)
    history.abandon(intent.id)
  }

  function undone(intent: Intent, receipt: string, { restored, left }: Undone): Receipt {
    const { receipt: before } = entryOf(history, receipt)
    const undone = { at: clock.now(), actor: intent.actor, restored, left: [...left] }
    // What it still waited for is awaited no more.
    const after = { ...before, undone, watch: before.watch?.state === 'watching' ? null : before.watch }
    return conclude(intent, after, null)
  }

  function done(intent: Intent, result: Done): Receipt {
    return conclude(intent, receiptOf(intent, result, clock), result.trail ?? '')
  }

  /** What to answer when the work failed: the receipt when it turns out to be done, else the error. */
  async function afterFailure(intent: Intent, system: System, error: unknown): Promise<Receipt> {
    const late = running.get(intent.id)
    if (late !== undefined) {
      reasons.set(intent.id, 'its deadline passed, but it is still in progress')
      // Its own result counts, whenever it comes; settling looks only at what has ended.
      late.catch(() => undefined)
      throw error
    }
    const settled = await trySettle(intent, system)
    if (settled === null) throw interruptedError(error)
    const lostReply = [...PASSING, 'bug'].includes(toFailure(error, intent.title).kind)
    if (settled.state === 'done') {
      const receipt = done(intent, settled.done)
      if (lostReply) return receipt
    } else if (settled.state === 'unclear' && lostReply) {
      done(intent, nothing(settled.summary))
      throw notRetried(error, 'History shows what is known of it.')
    } else abandon(intent)
    throw notRetried(error)
  }

  /** null: it cannot be determined now. */
  async function trySettle(intent: Intent, system: System): Promise<Settled | null> {
    const action = findAction(intent.action, system)
    if (action === null) return unclear(`a system of kind ${system.kind} has no action ${intent.action}`)
    const operation = operationOf(intent)
    try {
      return await settleAction(action, operation, (work) => within(intent, system, (world) => work(world, operation)))
    } catch (error) {
      // It reads the same at every later try.
      if (isUnreadable(error)) return unclear('its record in the history cannot be read')
      const { because } = toFailure(error, 'Check what was done')
      if (!(error instanceof FailureError) && reasons.get(intent.id) !== because)
        onBug(`settling ${intent.title}`, error)
      reasons.set(intent.id, because)
      return null
    }
  }

  async function settleUndo(intent: Intent, system: System): Promise<void> {
    const receipt = receiptIdOf(intent)
    const entry = history.get(receipt)
    if (entry === null || entry.receipt.undone !== null) return abandon(intent)
    const action = findAction(intent.action, system)
    if (action === null) return abandon(intent)
    try {
      undone(
        intent,
        receipt,
        await within(intent, system, (world) => action.undo(entry.trail, world, operationOf(intent))),
      )
    } catch (error) {
      const { kind, because } = toFailure(error, `Undo ${intent.title}`)
      if (kind === 'bug') onBug(`settling the undo of ${intent.title}`, error)
      if (PASSING.includes(kind)) reasons.set(intent.id, because)
      else abandon(intent)
    }
  }

  async function settleOne(intent: Intent, system: System): Promise<void> {
    if (running.has(intent.id)) return
    const kept = unsaved.get(intent.id)
    if (kept !== undefined) return void conclude(intent, kept.receipt, kept.trail)
    if (intent.kind === 'undo') return settleUndo(intent, system)
    const settled = await trySettle(intent, system)
    if (settled === null) return
    if (settled.state === 'done') done(intent, { ...settled.done, summary: `${settled.done.summary} ${CONFIRMED}` })
    else done(intent, nothing(settled.summary))
  }

  return {
    async execute(intent, system, work) {
      history.begin(intent)
      current.add(intent.id)
      try {
        const operation = operationOf(intent)
        // Also when the deadline has passed meanwhile: what it did has its receipt.
        return await within(intent, system, async (world) => done(intent, await work(world, operation)))
      } catch (error) {
        return await afterFailure(intent, system, error)
      } finally {
        current.delete(intent.id)
      }
    },

    async undo(intent, system, receipt) {
      history.begin(intent)
      const { trail } = entryOf(history, receipt)
      const action = actionFor(intent.action, system)
      current.add(intent.id)
      try {
        return await within(intent, system, async (world) =>
          undone(intent, receipt, await action.undo(trail, world, operationOf(intent))),
        )
      } catch (error) {
        const { kind, because } = toFailure(error, `Undo ${intent.title}`)
        if (PASSING.includes(kind)) {
          reasons.set(intent.id, because)
          throw interruptedError(error)
        }
        abandon(intent)
        throw notRetried(error)
      } finally {
        current.delete(intent.id)
      }
    },

    async settle(system) {
      for (const intent of history.open())
        if (intent.system === system.id)
          await settleOne(intent, system).catch((error: unknown) => {
            reasons.set(intent.id, toFailure(error, 'Save the receipt').because)
            onBug(`settling ${intent.title}`, error)
          })
    },

    interrupted: (id) =>
      history
        .open()
        .filter(({ system, id: operation }) => system === id && !current.has(operation))
        .map(({ id: operation, kind, action, title, at }) => ({
          id: operation,
          action,
          title: kind === 'undo' ? `Undo ${title}` : title,
          at,
          because: reasons.get(operation) ?? 'its outcome is being checked',
        })),
  }
}
