// Two counters for each of up to millions of hashes, in flat memory: a Map would take five times as much.

/** `all`: messages of a job. `first`: those of them that de-duplication compares. */
export type Lane = 'all' | 'work'

export interface KeyCounts {
  /** Answers with the count after it. */
  add(key: number, lane: Lane, by: 1 | -1): number
  get(key: number, lane: Lane): number
  clear(): void
}

const SMALLEST = 1024
/** Open addressing gets slow when it is full. */
const FULL = 0.7

export function createKeyCounts(): KeyCounts {
  let keys = new Float64Array(SMALLEST)
  let all = new Uint32Array(SMALLEST)
  let work = new Uint32Array(SMALLEST)
  let used = 0

  /** The slot of a key, or the free one where it would go; 0 marks a free slot, so no key is 0. */
  function slotOf(key: number): number {
    const mask = keys.length - 1
    let slot = (key ^ (key / 2097152)) & mask
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & mask
    return slot
  }

  /** Keys stay when their counts reach zero, so that no chain breaks; here they are dropped. */
  function rebuild(): void {
    const [oldKeys, oldAll, oldWork] = [keys, all, work]
    let live = 0
    for (let i = 0; i < oldKeys.length; i++) if (oldAll[i] !== 0 || oldWork[i] !== 0) live++
    let size = SMALLEST
    while (live > size * FULL * 0.75) size *= 2
    keys = new Float64Array(size)
    all = new Uint32Array(size)
    work = new Uint32Array(size)
    used = live
    for (let i = 0; i < oldKeys.length; i++) {
      const counts = { all: oldAll[i] ?? 0, work: oldWork[i] ?? 0 }
      if (counts.all === 0 && counts.work === 0) continue
      const slot = slotOf(oldKeys[i] ?? 0)
      keys[slot] = oldKeys[i] ?? 0
      all[slot] = counts.all
      work[slot] = counts.work
    }
  }

  return {
    add(key, lane, by) {
      const named = key === 0 ? 1 : key
      let slot = slotOf(named)
      if (keys[slot] === 0) {
        if (used >= keys.length * FULL) {
          rebuild()
          slot = slotOf(named)
        }
        keys[slot] = named
        used++
      }
      const counts = lane === 'all' ? all : work
      const count = (counts[slot] ?? 0) + by
      counts[slot] = count
      return count
    },
    get: (key, lane) => (lane === 'all' ? all : work)[slotOf(key === 0 ? 1 : key)] ?? 0,
    clear() {
      keys = new Float64Array(SMALLEST)
      all = new Uint32Array(SMALLEST)
      work = new Uint32Array(SMALLEST)
      used = 0
    },
  }
}
