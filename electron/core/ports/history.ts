// What the core asks of the history file: receipts with their trails, and the intents of changes in progress.
import type { ActionId, Receipt } from '../../contract/action.ts'
import type { Instant } from '../../contract/failure.ts'
import type { SystemId } from '../../contract/job.ts'

/** A change that was begun and has no receipt yet. It is durable before the change makes its first write. */
export interface Intent {
  /** Of the receipt that a change will leave; `undo:` and the receipt's id for an undo. */
  readonly id: string
  readonly kind: 'execute' | 'undo'
  readonly action: ActionId
  readonly system: SystemId
  readonly title: string
  readonly at: Instant
  readonly actor: string
  /** Number of items in the preview. */
  readonly previewed: number
}

/** A change that was interrupted and has no receipt yet. */
export interface Interrupted {
  readonly id: string
  readonly action: ActionId
  readonly title: string
  readonly at: Instant
  /** Why it could not be settled so far: a clause. */
  readonly because: string
}

/** Survives restarts and crashes. Every method throws a FailureError when the file cannot be written. */
export interface History {
  append(receipt: Receipt, trail: string): void
  get(id: string): { receipt: Receipt; trail: string } | null
  /** Replaces a receipt; the trail stays. */
  replace(receipt: Receipt): void
  list(limit: number, before: string | null): readonly Receipt[]
  /** An intent that is open already stays as it is, with what it recorded. */
  begin(intent: Intent): void
  /** Adds JSON of the action's own to an intent: what finishing or taking back needs. Replaces what was recorded before. */
  record(id: string, recorded: string): void
  /** null: nothing was recorded, so nothing was written. */
  recorded(id: string): string | null
  /** Intents without a receipt, oldest first. */
  open(): readonly Intent[]
  /** Ends an intent and keeps its receipt, in one step. `trail` null: the receipt of an undo, which replaces the old one. */
  conclude(id: string, receipt: Receipt, trail: string | null): void
  /** Ends an intent that changed nothing. */
  abandon(id: string): void
}
