// Lengths of made-up jobs, counted as the port counts them.
import type { StateLengths } from '../../electron/contract/proof.ts'

/** @param minutes of audio by state; @param overMs as `JobSystem.lengths`. */
export function memoryLengths(
  minutes: Readonly<Record<StateLengths['state'], readonly number[]>>,
  overMs: readonly number[],
): StateLengths[] {
  return (['queued', 'running', 'failed'] as const).map((state) => {
    const own = minutes[state].map((one) => one * 60_000)
    return {
      state,
      jobs: own.length,
      unknown: 0,
      longestMs: own.length === 0 ? null : Math.max(...own),
      over: overMs.map((ms) => own.filter((length) => length > ms).length),
    }
  })
}
