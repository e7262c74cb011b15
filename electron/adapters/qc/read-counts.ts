// Jobs by status, in the vendor's words, as counts in ours.
import type { JobState } from '../../contract/job.ts'
import type { Counts } from '../../contract/snapshot.ts'
import { count, fieldsOf } from './answer.ts'

const words: Readonly<Record<JobState, readonly string[]>> = {
  queued: ['queued', 'pending', 'waiting', 'paused', 'retrying'],
  running: ['running', 'processing', 'in_progress', 'active'],
  done: ['completed', 'complete', 'done', 'success', 'succeeded', 'passed'],
  failed: ['failed', 'error', 'errored', 'timeout'],
  skipped: ['skipped', 'cancelled', 'canceled'],
}
const states = Object.keys(words) as JobState[]

export function stateOf(word: string | null): JobState | null {
  const lower = word?.toLowerCase().replaceAll(/[\s-]/g, '_') ?? ''
  return states.find((state) => words[state].includes(lower)) ?? null
}

/** null when no status is among the fields; a status that is not named has no job. */
export function countsOf(value: unknown): Counts | null {
  const counts: Counts = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
  let any = false
  for (const [word, n] of Object.entries(fieldsOf(value) ?? {})) {
    const state = stateOf(word)
    const jobs = count(n)
    if (state === null || jobs === null) continue
    counts[state] += jobs
    any = true
  }
  return any ? counts : null
}
