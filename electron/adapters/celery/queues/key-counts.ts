// Two counters for each of up to millions of hashes, in flat memory: a Map would take five times as much.

/** `all`: messages of a job. `work`: those among them that would do the same work twice. */
export type Lane = 'all' | 'work'

export interface KeyCounts {
  /** Answers with the count after it. */
  add(key: number, lane: Lane, by: 1 | -1): number
  count(key: number, lane: Lane): number
  /** How many keys have which count, without those that have none. */
  histogram(lane: Lane): ReadonlyMap<number, number>
  clear(): void
}

type Counts = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

const SMALLEST = 1021
/** Open addressing gets slow when it is full. */
const FULL = 0.75
const GROWTH = 1.5

export function createKeyCounts(): KeyCounts {
  let keys = new Float64Array(SMALLEST)
  // Few jobs have more than 65,535 messages; when one does, all counters grow.
  let counts: Record<Lane, Counts> = { all: new Uint16Array(SMALLEST), work: new Uint16Array(SMALLEST) }
  let used = 0

  /** The slot of a key, or the free one where it would go; 0 marks a free slot, so no key is 0. */
  function slotOf(key: number): number {
    let slot = key % keys.length
    while (keys[slot] !== key && keys[slot] !== 0) slot = slot + 1 === keys.length ? 0 : slot + 1
    return slot
  }

  /** Keys stay when their counts reach zero, so that no chain breaks; here they are dropped. */
  function rebuild(): void {
    const oldKeys = keys
    const { all, work } = counts
    let live = 0
    for (let i = 0; i < oldKeys.length; i++) if (all[i] !== 0 || work[i] !== 0) live++
    const size = Math.max(SMALLEST, Math.ceil((live * GROWTH) / FULL) | 1)
    const empty = () => (all instanceof Uint32Array ? new Uint32Array(size) : new Uint16Array(size))
    keys = new Float64Array(size)
    counts = { all: empty(), work: empty() }
    used = live
    for (let i = 0; i < oldKeys.length; i++) {
      if (all[i] === 0 && work[i] === 0) continue
      const slot = slotOf(oldKeys[i] ?? 0)
      keys[slot] = oldKeys[i] ?? 0
      counts.all[slot] = all[i] ?? 0
      counts.work[slot] = work[i] ?? 0
    }
  }

  const keyOf = (hash: number) => (hash === 0 ? 1 : hash)

  return {
    add(hash, lane, by) {
      const key = keyOf(hash)
      let slot = slotOf(key)
      if (keys[slot] === 0) {
        if (used >= keys.length * FULL) {
          rebuild()
          slot = slotOf(key)
        }
        keys[slot] = key
        used++
      }
      const count = (counts[lane][slot] ?? 0) + by
      if (count > 65_535 && counts.all instanceof Uint16Array)
        counts = { all: Uint32Array.from(counts.all), work: Uint32Array.from(counts.work) }
      counts[lane][slot] = count
      return count
    },
    count: (hash, lane) => counts[lane][slotOf(keyOf(hash))] ?? 0,
    histogram(lane) {
      const found = new Map<number, number>()
      for (const count of counts[lane]) if (count > 0) found.set(count, (found.get(count) ?? 0) + 1)
      return found
    },
    clear() {
      keys = new Float64Array(SMALLEST)
      counts = { all: new Uint16Array(SMALLEST), work: new Uint16Array(SMALLEST) }
      used = 0
    },
  }
}
