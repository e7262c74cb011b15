// How long jobs in memory are.
import type { StateLengths } from '../contract/proof.ts'
import type { MemoryJob } from './memory-job.ts'

export function lengths(all: readonly MemoryJob[], overMs: readonly number[]): StateLengths[] {
  return (['queued', 'running', 'failed'] as const).map((state) => {
    const own = all.filter((job) => job.state === state)
    const known = own.flatMap((job) => job.audioMs ?? job.lease?.audioTotalMs ?? [])
    return {
      state,
      jobs: own.length,
      unknown: own.length - known.length,
      longestMs: known.length === 0 ? null : Math.max(...known),
      over: overMs.map((ms) => known.filter((length) => length > ms).length),
    }
  })
}
