// What a dialog asks for beside yes or no: a reason, a number of replicas, the value of a variable.
import type { ActionRequest } from '../electron/contract/action.ts'

export interface ParamModel {
  readonly name: string
  readonly title: string
  readonly hint: string
  readonly numeric: boolean
  /** Values worth one press. */
  readonly presets: readonly { readonly value: string; readonly text: string }[]
  /** What an empty field means; null: the parameter is left out. */
  readonly empty: string | null
}

/** Runbook 1: two or four hours, or no limit at all (runbook 2 prefers that). */
const timeouts = [
  { value: '7200', text: '7200, 2 h' },
  { value: '14400', text: '14400, 4 h' },
  { value: 'none', text: 'none, no limit' },
]

export function paramOf({ action, params }: ActionRequest): ParamModel | null {
  if (action === 'fail-jobs')
    return {
      name: 'reason',
      title: 'Reason',
      hint: 'For whoever reads the list of failed jobs later',
      numeric: false,
      presets: [],
      empty: null,
    }
  if (action === 'scale-service')
    return {
      name: 'replicas',
      title: 'Containers',
      hint: 'How many there shall be',
      numeric: true,
      presets: [],
      empty: null,
    }
  const [key, ...others] = Object.keys(params)
  // `.text` is the whole file, edited where it is shown.
  if (action !== 'set-env' || key === undefined || key.startsWith('.') || others.length > 0) return null
  return {
    name: key,
    title: key,
    hint: 'none takes it out of the file',
    numeric: false,
    presets: key === 'TASK_TIMEOUT_SECONDS' ? timeouts : [],
    empty: 'none',
  }
}
