// The action that a request names: whether this system has it, can do it, and knows its parameters.
import type { ActionId, ActionRequest } from '../contract/action.ts'
import { FailureError } from '../contract/failure.ts'
import type { Action } from './actions/action.ts'
import { actions } from './actions/index.ts'
import { invalid } from './actions/refuse.ts'
import { missingPart } from './missing-part.ts'
import type { Abilities } from './ports/jobs.ts'
import type { System } from './ports/system.ts'

/** null: a system of this kind has no such action. */
export function findAction(id: ActionId, system: System): Action | null {
  return actions.find((one) => one.id === id && one.kinds.includes(system.kind)) ?? null
}

/** @throws `unsupported` with the sentence why a system of this kind has no such action. */
export function actionFor(id: ActionId, system: System): Action {
  const action = findAction(id, system)
  if (action !== null) return action
  const because =
    id === 'add-files'
      ? 'files are added at once, without a preview'
      : id === 'configure-worker'
        ? 'the worker is configured in the settings'
        : `a system of kind ${system.kind} has no such action`
  throw new FailureError({ kind: 'unsupported', tried: `Run ${id}`, on: system.id, because, remedy: null })
}

export function titleOf(action: Action): string {
  return action.offer({ counts: null, local: null, maker: null }).title
}

/** @throws `invalid` for a parameter that the action does not know. */
export function checkParams(action: Action, { system, params }: ActionRequest): void {
  if (action.params === 'any') return
  const unknown = Object.keys(params).filter((name) => !action.params.includes(name))
  if (unknown.length === 0) return
  const known = action.params.length === 0 ? '; it has none' : `, only ${action.params.join(', ')}`
  throw invalid(titleOf(action), system, `it knows no parameter ${unknown.join(', ')}${known}`)
}

/** The sentence why this system cannot do it, by what is configured and what its role may; null when it can. */
export async function unable(action: Action, system: System, signal: AbortSignal): Promise<string | null> {
  return (
    missingPart(system, action.needs ?? []) ??
    (action.ability === null ? null : cannot(await system.jobs.abilities(signal), action.ability))
  )
}

/** The sentence why not; a sentence in place of abilities is why they could not be read. */
export function cannot(able: Abilities | string, ability: keyof Abilities): string | null {
  if (typeof able === 'string') return able
  const answer = able[ability]
  return answer.can ? null : answer.because
}
