// Whether terminated tasks have ended: asked until they have, or until a busy machine has had its time.
import type { TaskControl } from '../ports/broker.ts'

/** Each is one round of answers, tens of milliseconds where all are well. */
const LOOKS = 20

/** Of these the tasks that a worker still says it runs; null when the workers cannot be asked, so that nobody knows. */
export async function stillRunning(
  control: TaskControl,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  let left = ids
  try {
    for (let look = 0; look < LOOKS && left.size > 0; look++) {
      // Tasks come from the latest answers; this asks for new ones.
      if (look > 0) await control.workers(signal)
      const tasks = await control.tasks(signal)
      left = new Set(tasks.filter(({ id, state }) => state === 'active' && ids.has(id)).map(({ id }) => id))
    }
    return left
  } catch {
    // The tasks were told all the same: the receipt says that, and that nobody knows more.
    return null
  }
}
