// Repair of what an interruption left half-done: at start, as soon as a source answers again, and hourly.
import { FailureError, sentence } from '../contract/failure.ts'
import type { SystemId } from '../contract/job.ts'
import { nap } from './deadline.ts'
import type { Interrupted } from './ports/history.ts'
import type { Clock } from './ports/local.ts'
import type { System } from './ports/system.ts'

export interface RecoverOptions {
  systems(): readonly System[]
  readonly clock: Clock
  /** Settles interrupted changes of a system; the rest stays in `interrupted`. */
  settle(system: System): Promise<void>
  interrupted(system: SystemId): readonly Interrupted[]
  /** A sentence for an operator: what was repaired, or why something cannot be. */
  notice(sentence: string): void
  onBug(where: string, error: unknown): void
}

export interface Recovery {
  start(): void
  stop(): Promise<void>
}

/** While something is open, at growing intervals; and to see whether something new is. */
const OPEN_MS = { first: 250, longest: 2000 }
const IDLE_MS = 10_000
/** Quarantines whose 24 h are over are deleted by the same call. */
const AGAIN_MS = 60 * 60_000
const WITHIN_MS = 30_000

interface Part {
  readonly name: 'broker' | 'stack'
  recover(signal: AbortSignal): Promise<readonly string[]>
  /** What could not be repaired yet, for which there is no other sign than to try again. */
  pending(): readonly unknown[]
}

export function createRecovery(options: RecoverOptions): Recovery {
  const { clock, notice, onBug } = options
  let running: { stopped: AbortController; ended: Promise<void> } | null = null
  /** When each part of a system was last repaired, ms. A system that was configured anew is another object. */
  const repaired = new WeakMap<System, Map<Part['name'], number>>()

  /** Whether the part answered. A source that cannot be reached has its own finding, and is tried again. */
  async function repair({ id }: System, part: Part, signal: AbortSignal): Promise<boolean> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
    try {
      for (const repairedSentence of await part.recover(within)) notice(`${id}: ${repairedSentence}`)
      return true
    } catch (error) {
      if (signal.aborted) return false
      if (!(error instanceof FailureError)) onBug(`repairing the ${part.name} of ${id}`, error)
      else if (error.failure.kind === 'bug') notice(`${id}: ${sentence(error.failure)}`)
      return error instanceof FailureError && error.failure.kind === 'unsupported'
    }
  }

  /** Whether nothing of the system is open. */
  async function look(system: System, signal: AbortSignal): Promise<boolean> {
    const times = repaired.get(system) ?? new Map<Part['name'], number>()
    repaired.set(system, times)
    let complete = true
    for (const part of partsOf(system)) {
      const since = clock.nowMs() - (times.get(part.name) ?? Number.NEGATIVE_INFINITY)
      // A clock that was set back says nothing about the time that has passed.
      if (since >= 0 && since < AGAIN_MS && part.pending().length === 0) continue
      if (await repair(system, part, signal)) times.set(part.name, clock.nowMs())
      else complete = false
    }
    if (options.interrupted(system.id).length > 0) await options.settle(system)
    return complete && options.interrupted(system.id).length === 0
  }

  async function run(stopped: AbortSignal): Promise<void> {
    let open = OPEN_MS.first
    while (!stopped.aborted) {
      const systems = options.systems()
      const complete = await Promise.all(
        systems.map((system) =>
          look(system, stopped).catch((error: unknown) => {
            onBug(`recovering ${system.id}`, error)
            return false
          }),
        ),
      )
      const again = complete.includes(false)
      await nap(clock, again ? open : IDLE_MS, stopped)
      open = again ? Math.min(2 * open, OPEN_MS.longest) : OPEN_MS.first
    }
  }

  return {
    start() {
      if (running !== null) return
      const stopped = new AbortController()
      running = { stopped, ended: run(stopped.signal) }
    },
    async stop() {
      running?.stopped.abort(new Error('stopped'))
      await running?.ended
      running = null
    },
  }
}

function partsOf({ broker, stack }: System): Part[] {
  return [
    ...(broker === null ? [] : [{ name: 'broker' as const, recover: broker.quarantine.recover, pending: () => [] }]),
    ...(stack === null ? [] : [{ name: 'stack' as const, recover: stack.recover, pending: stack.pending }]),
  ]
}
