// A stack that is being created: how far it is, as far as the host tells.
import type { LocalHost } from '../electron/contract/snapshot.ts'
import { failureText } from './format.ts'

export interface Creation {
  /** The last line of the build, or why it did not come up. */
  readonly step: string
  readonly bad: boolean
}

/** null: none is being created. */
export function creationOf({ stackCreation }: LocalHost): Creation | null {
  if (stackCreation === null) return null
  const { step, failure } = stackCreation
  return failure === null ? { step, bad: false } : { step: failureText(failure), bad: true }
}
