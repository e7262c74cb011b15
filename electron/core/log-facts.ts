// What the workers' log says since the running jobs began: error lines, or that there are none.
import { type Facts, now, runningNow } from './facts.ts'
import type { WorkerLog } from './worker-log.ts'

/** Error lines since the oldest running job began; null when nothing runs, or the log cannot be read. */
export function errorsSinceStart(facts: Facts): WorkerLog['errors'] | null {
  const log = facts.log === null ? null : now(facts.log)
  const starts = (runningNow(facts) ?? []).flatMap(({ elapsedMs }) => elapsedMs ?? [])
  if (log === null || starts.length === 0) return null
  const from = Date.parse(facts.now) - Math.max(...starts)
  return log.errors.filter(({ at }) => at !== null && Date.parse(at) >= from)
}

/** "No ERROR, FAIL or Exception in the worker log" since the running job began; null when there is one, or nobody knows. */
export function cleanLogLine(facts: Facts): string | null {
  return errorsSinceStart(facts)?.length === 0 ? 'No ERROR, FAIL or Exception in the worker log' : null
}
