// What became of an interrupted change, as its action finds out; `unclear` where nobody can.
import * as z from 'zod'
import type { Action, Operation, Settled, World } from './actions/action.ts'
import { titleOf } from './find-action.ts'

export async function settleAction(
  action: Action,
  { recorded }: Operation,
  run: (settle: (world: World, operation: Operation) => Promise<Settled>) => Promise<Settled>,
): Promise<Settled> {
  if (action.settle === undefined)
    return {
      state: 'unclear',
      summary: `Interrupted: Unjam cannot tell whether “${titleOf(action)}” took effect. Check before repeating it.`,
    }
  if (recorded === null) return { state: 'nothing', summary: 'Interrupted: nothing was changed.' }
  const { settle } = action
  return run((world, operation) => settle.call(action, world, operation))
}

/** Of what an intent recorded: it was damaged or edited, and reads the same at every later try. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || error instanceof z.ZodError
}

export function unclear(because: string): Settled {
  return {
    state: 'unclear',
    summary: `Interrupted: Unjam cannot check what it did: ${because}. Check before repeating it.`,
  }
}
