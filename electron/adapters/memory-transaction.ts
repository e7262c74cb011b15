// A write to jobs in memory as a transaction: when its caller throws before the commit, nothing was written.
import type { BeforeCommit } from '../core/ports/jobs.ts'

export function allOrNothing<Value, Result>(
  stored: Map<string, Value>,
  work: () => Result,
  beforeCommit?: BeforeCommit<Result>,
): Result {
  const before = new Map(stored)
  try {
    const result = work()
    beforeCommit?.(result, null)
    return result
  } catch (error) {
    stored.clear()
    for (const [id, value] of before) stored.set(id, value)
    throw error
  }
}
