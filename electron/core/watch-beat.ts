// The scheduler as a source: its last tick, from its own log and from what arrives in the queues.

import type { Queue } from '../contract/queue.ts'
import type { Reading } from '../contract/snapshot.ts'
import { type BeatFacts, lastTick, nextArrivals, noArrivals } from './beat.ts'
import { isPeriodic, shortTask } from './broker-facts.ts'
import type { Broker } from './ports/broker.ts'
import type { Clock } from './ports/local.ts'
import type { Stack } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import type { Source } from './source.ts'
import type { Sourcing } from './watch-parts.ts'

/** A scheduler's service as the runbooks and most compose files call it; a worker may keep the schedule itself (-B). */
const BEAT = /beat|scheduler/i
const LINES = 200

/** null where nothing periodic refills the queue. */
export function watchBeat(
  system: System,
  clock: Clock,
  queues: () => Reading<Queue[]> | null,
  source: Sourcing,
): Source<BeatFacts> | null {
  const { broker, stack } = system
  if (broker === null || system.kind !== 'recordings') return null
  let arrivals = noArrivals
  return source('Read the scheduler', async (signal) => {
    const reading = queues()
    const messages = reading?.status === 'known' ? waitingOf(reading.value, broker.app.enqueueTask) : null
    arrivals = nextArrivals(arrivals, messages, clock.nowMs())
    const log = stack === null ? { service: null, lastMs: null } : await readLog(system, broker, stack, signal)
    return {
      task: shortTask(broker.app.enqueueTask),
      everyMs: broker.app.enqueueSeconds * 1000,
      service: log.service,
      loggedAgeMs: log.lastMs === null ? null : Math.max(0, clock.nowMs() - log.lastMs),
      noArrivalMs: arrivals.quietSinceMs === null ? null : clock.nowMs() - arrivals.quietSinceMs,
    }
  })
}

async function readLog({ id }: System, { app }: Broker, stack: Stack, signal: AbortSignal) {
  const names = [...new Set((await stack.services(signal)).map(({ service }) => service))]
  const service = names.find((name) => BEAT.test(name)) ?? null
  if (service === null) return { service, lastMs: null }
  // A log that cannot be read leaves the queue's word: the service itself is another rule's.
  const page = await stack
    .logs({ system: id, service, cursor: null, search: '', limit: LINES }, signal)
    .catch(() => null)
  return { service, lastMs: page === null ? null : lastTick(page.lines, shortTask(app.enqueueTask)) }
}

/** Messages of the periodic task, in all queues. */
function waitingOf(queues: readonly Queue[], task: string): number {
  return queues
    .flatMap(({ groups }) => groups)
    .filter((group) => isPeriodic(group) && shortTask(group.task ?? '') === shortTask(task))
    .reduce((sum, { messages }) => sum + messages, 0)
}
