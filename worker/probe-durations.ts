// Looks into queued recordings whose length nobody knows, so that the schedule can tell short from long.
import { setTimeout as sleep } from 'node:timers/promises'
import { BadInput } from './bad-input.ts'
import { isAway, reason } from './database.ts'
import { probe } from './decode.ts'
import type { Floor } from './floor.ts'
import { localPath } from './store/local-path.ts'
import { readUnprobed, type Unprobed, writeDuration } from './store/probe-duration.ts'

const atOnce = 20
const longestPauseMs = 5000
/** The search costs the database at most 1/20 of its time. */
const idleFactor = 20

/** Until the signal is aborted. A file that cannot be opened is noted; the job itself fails when its turn comes. */
export async function probeDurations(floor: Floor, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = floor.timing.pollMs
    try {
      const began = performance.now()
      const unprobed = await floor.db.once((db) => readUnprobed(db, floor.table, atOnce))
      pauseMs =
        unprobed.length > 0 ? 0 : Math.max(pauseMs, Math.min((performance.now() - began) * idleFactor, longestPauseMs))
      for (const one of unprobed) {
        if (signal.aborted) return
        await look(floor, one, signal)
      }
      if (unprobed.length > 0) floor.wake()
    } catch (error) {
      if (signal.aborted) return
      if (!isAway(error)) floor.log('error', `Durations cannot be noted: ${reason(error)}`)
      pauseMs = floor.timing.backOffMs
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

async function look(floor: Floor, one: Unprobed, signal: AbortSignal): Promise<void> {
  const found = await probe(localPath(one.path, floor.config.folders), signal).then(
    ({ durationMs }) => ({ durationMs, error: null }),
    (error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof BadInput) return { durationMs: null, error: error.message }
      return { durationMs: null, error: reason(error) }
    },
  )
  await floor.db.once((db) => writeDuration(db, floor.table, one, found))
}
