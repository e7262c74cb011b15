// A stack that is being created: how far it is, as far as the host tells.
import type { LocalHost } from '../electron/contract/snapshot.ts'
import { failureText } from './format.ts'

export interface Creation {
  readonly step: string
  readonly percent: number | null
  readonly bad: boolean
}

/** null: none is being created, or this host does not create stacks. */
export function creationOf(host: LocalHost): Creation | null {
  const told: unknown = 'stackCreation' in host ? host.stackCreation : null
  if (typeof told !== 'object' || told === null || !('step' in told) || typeof told.step !== 'string') return null
  const failure = 'failure' in told ? (told.failure as Parameters<typeof failureText>[0] | null) : null
  if (failure !== null) return { step: failureText(failure), percent: null, bad: true }
  const percent = 'percent' in told && typeof told.percent === 'number' ? Math.floor(told.percent) : null
  return { step: told.step, percent, bad: false }
}
