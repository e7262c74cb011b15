// How far a running job is, as a bar and its words: by its audio, or by the percent its system tells.
import { audio, percent, position } from './format.ts'
import type { RunModel } from './select-running.ts'

export interface RunShare {
  readonly percent: number | null
  readonly text: string
}

export function shareOf({ percent: told, qc, doneMs, totalMs, step }: RunModel, whenNothing: string): RunShare {
  if (told !== null) return { percent: told, text: step ?? 'in progress' }
  if (qc !== null) return { percent: null, text: step ?? 'progress unknown' }
  const whole = totalMs === null ? 'length not read yet' : `of ${audio(totalMs)}`
  const done = doneMs === null ? whenNothing : position(doneMs)
  return { percent: doneMs === null || totalMs === null ? null : percent(doneMs, totalMs), text: `${done} ${whole}` }
}
