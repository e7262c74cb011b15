// The shape of an action: plan reads, preview speaks, execute writes the frozen set, undo replays the trail.
import type { ActionId, ActionInfo, ActionRequest, Preview, Receipt, Risk, Sample } from '../../contract/action.ts'
import type { SystemKind } from '../../contract/job.ts'
import type { Counts } from '../../contract/snapshot.ts'
import type { Part } from '../missing-part.ts'
import type { Ability } from '../ports/jobs.ts'
import type { LocalPorts } from '../ports/local.ts'
import type { StackMaker } from '../ports/stack.ts'
import type { System } from '../ports/system.ts'

/** What an action works on. `signal` bounds its reads. */
export interface World {
  readonly system: System
  /** null where the system has no worker supervised by this machine. */
  readonly local: LocalPorts | null
  /** null where this host creates no stacks. */
  readonly maker: StackMaker | null
  readonly signal: AbortSignal
}

/** One frozen item: what the preview shows and the fingerprint covers. */
export interface FrozenItem {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly fingerprint: string
}

/** The exact set an action would touch; actions add what else they need. */
export interface Frozen {
  readonly items: readonly FrozenItem[]
  /** How many things it is about, where that is not the number of items: a queue is one item with many messages. */
  readonly count?: number
  /** Shown in place of the items. */
  readonly sample?: readonly Sample[]
  /** Somebody else decides the set: a part of what was previewed may be executed, never more. */
  readonly mayShrink?: boolean
  /** false: the preview says beforehand that there is no way back. */
  readonly undoable?: boolean
}

/** The preview's own words; the rest of a `Preview` follows from the frozen set. */
export type PreviewWords = Pick<Preview, 'title' | 'summary' | 'notTouched' | 'command' | 'undo' | 'confirm'> &
  Partial<Pick<Preview, 'know' | 'table' | 'diff'>>

export interface Done {
  readonly count: number
  readonly left: Receipt['left']
  /** Past tense: "4 failed jobs were queued again." */
  readonly summary: string
  /** What undo needs; null when nothing can be undone. */
  readonly trail: string | null
  /** Something promised, that the receipt goes on to wait for (`follow-receipts.ts`). */
  readonly watch?: { readonly withinMs: number; readonly sentence: string }
}

/** The durable record of one change while it is carried out. */
export interface Operation {
  /** Of the receipt it will leave: what is kept elsewhere is named after it. */
  readonly id: string
  /** JSON of what was recorded last; null: nothing yet, so nothing was written either. */
  readonly recorded: string | null
  /**
   * Makes durable what completing or rolling back needs. Called before the first write, and again as more is known.
   * @throws FailureError when there is no room for it: then nothing may be written.
   */
  record(state: object): void
}

/** Outcome of an interrupted change. */
export type Settled =
  | { readonly state: 'done'; readonly done: Done }
  /** Nothing was changed, or it was rolled back: a sentence in the past tense. */
  | { readonly state: 'nothing'; readonly summary: string }
  /** It cannot be read from the system: a sentence on what to check. */
  | { readonly state: 'unclear'; readonly summary: string }

export interface Undone {
  readonly restored: number
  readonly left: Receipt['left']
}

/** What is known when the buttons are drawn; null is unknown, and unknown blocks nothing. */
export interface Offer {
  readonly counts: Counts | null
  readonly local: LocalPorts | null
  readonly maker: StackMaker | null
}

/**
 * Methods rather than function fields: a plan is handed back only to the action that made it, so that a list may hold
 * actions with different plans.
 */
export interface Action<Plan extends Frozen = Frozen> {
  readonly id: ActionId
  readonly target: ActionInfo['target']
  readonly risk: Risk
  readonly kinds: readonly SystemKind[]
  /** What the system must be able to do; null needs nothing of it. */
  readonly ability: Ability | null
  /** What must be configured beside the jobs. */
  readonly needs?: readonly Part[]
  /** Longest it may take, ms; two minutes unless it says so. */
  readonly writeMs?: number
  /**
   * The parameters it knows, or `any` where names are the content (`set-env`). Any other is refused: a misspelt one
   * would be a wider action than the one that was meant.
   */
  readonly params: readonly string[] | 'any'
  /** Verb and object, and the sentence why not, when that is known beforehand. */
  offer(offer: Offer): { title: string; blocked: string | null }
  plan(request: ActionRequest, world: World): Promise<Plan>
  preview(plan: Plan): PreviewWords
  execute(plan: Plan, world: World, operation: Operation): Promise<Done>
  /**
   * After a crash or a lost connection: inspects what an operation that recorded something has done, and completes it
   * or rolls it back. Safe to repeat. Absent: its outcome cannot be read from the system.
   */
  settle?(world: World, operation: Operation): Promise<Settled>
  /** Safe to repeat after an interruption: `operation.recorded` is then what the first try recorded. */
  undo(trail: string, world: World, operation: Operation): Promise<Undone>
}
