// Whether terminated tasks have ended: asked until they have, or until a busy machine has had its time.
import type { TaskControl } from '../ports/broker.ts'

/** Each is one round of answers, tens of milliseconds where all are well. */
const LOOKS = 20

/** Of these the tasks that a worker still says it runs. */
export async function stillRunning(
  control: TaskControl,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  let left = ids
  for (let look = 0; look < LOOKS && left.size > 0; look++) {
    // Tasks come from the latest answers; this asks for new ones.
    if (look > 0) await control.workers(signal).catch(() => [])
    const tasks = await control.tasks(signal).catch(() => [])
    left = new Set(tasks.filter(({ id, state }) => state === 'active' && ids.has(id)).map(({ id }) => id))
  }
  return left
}
