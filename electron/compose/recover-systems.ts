// What a crash left half-done in brokers and engines is finished or taken back when a host starts; each said once.
import { FailureError, sentence } from '../contract/failure.ts'
import type { System } from '../core/ports/system.ts'

const WITHIN_MS = 30_000

/** A source that cannot be reached now is left alone: its own reading says so, and the next start tries again. */
export async function recoverSystems(systems: readonly System[], notice: (sentence: string) => void): Promise<void> {
  const within = AbortSignal.timeout(WITHIN_MS)
  const parts = systems.flatMap(({ id, broker, stack }) =>
    [broker?.quarantine, stack].flatMap((part) => (part == null ? [] : [{ id, part }])),
  )
  await Promise.all(
    parts.map(async ({ id, part }) => {
      try {
        for (const told of await part.recover(within)) notice(`${id}: ${told}`)
      } catch (error) {
        if (!(error instanceof FailureError)) throw error
        if (error.failure.kind === 'bug') notice(`${id}: ${sentence(error.failure)}`)
      }
    }),
  )
}
