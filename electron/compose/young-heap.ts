// How much memory V8 may take for what is about to be garbage.
import { setFlagsFromString } from 'node:v8'

/**
 * A great reading (a million messages) makes garbage at a rate at which V8 lets its young generation grow to 50 MB and
 * more, and buffers wait in it to be freed; a process that runs for weeks would keep that for a minute's work. Without
 * growth the same reading takes as long and half the memory (test/bench/queue-summary.ts).
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
