// One list, read once and then kept up: what left at the right, what came at the left, told by a few elements of each end.
import { createEntries, type Entries, type Entry } from './entries.ts'
import { createFirstSeen } from './first-seen.ts'

/** Elements of one moment, each list from the right: next to run first. */
export interface ListView {
  readonly length: number
  readonly right: readonly Buffer[]
  /** From the position asked for. */
  readonly chunk: readonly Buffer[]
}

/** Reads `right` elements of the right end and `size` from position `from` (0 runs next), in one transaction. */
export type ReadList = (right: number, from: number, size: number) => Promise<ListView>

export interface ListTracker {
  readonly entries: Entries
  /** Length when it was last looked at. */
  readonly length: number
  /**
   * One look. `complete`: everything is known and both ends agree. `more`: look again. `lost`: the list is another one
   * (renamed, purged, something taken out of its middle); forget it and begin anew.
   */
  step(read: ReadList): Promise<'complete' | 'more' | 'lost'>
  /** When the message at this position was first seen. */
  seenAt(at: number): number
  /** First position of a task, -1 for none. */
  oldest(task: number): number
  /** Begins anew; messages that are met again keep their ages. */
  forget(): void
}

/** Elements compared at each end: their fingerprints have 32 bits, so four agreeing by chance is out of reach. */
const SAMPLE = 4
/** How far a worker's given-back messages are looked for at the right end. */
const DEEP = 64
/** Foreign elements that nothing tells apart do not tell how many of them left: up to so many are read anew. */
const BLURRED = 20_000
/** Removing more than this one by one takes longer than counting anew. */
const CHEAP = 50_000
const MANY_RUNS = 1000
/** How many may have left at one place for the walk to find the next that stayed. */
const GONE_AT_ONCE = 500
/** What one look should bring, so that neither Redis nor memory feels it. */
const STEP = { elements: 500, bytes: 1024 * 1024, first: 10, settled: 50 }

export function trackList(options: {
  entryOf(raw: Buffer): Entry
  onAdd(entry: Entry): void
  onRemove(entry: Entry): void
  now(): number
}): ListTracker {
  const { entryOf, onAdd, onRemove, now } = options
  let entries = createEntries()
  let ages = createFirstSeen()
  /** What was known before the list turned out to be another one: its messages keep their ages. */
  let before: { entries: Entries; seenAt(at: number): number; next: number } | null = null
  /** Of each task the first place where it may still be, counted from the beginning of time. */
  const firsts = new Map<number, number>()
  let gone = 0
  let length = 0
  let size: number = STEP.first
  /** As many as one look may bring, by the sizes of those seen last. */
  let fitting: number = STEP.first
  let deep = false
  /** It has been known as a whole since it was begun. */
  let settled = false
  /** How many left between the last two looks: the next one begins so much nearer, or it would never catch up. */
  let drift = 0

  const add = (entry: Entry) => {
    ages.seen(gone + entries.length, seenBefore(entry) ?? now())
    entries.push(entry)
    onAdd(entry)
  }
  /** Both are read in the same order, so it is one walk beside the other. */
  const seenBefore = ({ fingerprint }: Entry): number | null => {
    if (before === null) return null
    const end = Math.min(before.next + GONE_AT_ONCE, before.entries.length)
    for (let at = before.next; at < end; at++) {
      if (before.entries.fingerprint(at) !== fingerprint) continue
      before.next = at + 1
      return before.seenAt(at)
    }
    return null
  }
  const letGo = (count: number) => {
    for (let i = 0; i < count; i++) onRemove(entries.shift())
    gone += count
    if (ages.runs > MANY_RUNS) ages.forgetBefore(gone)
  }
  /** The next look is smaller the larger the messages are. */
  const resize = (elements: readonly Buffer[]) => {
    if (elements.length === 0) return
    const bytes = elements.reduce((sum, { length }) => sum + length, 0)
    fitting = Math.floor((STEP.bytes * elements.length) / Math.max(bytes, 1))
    fitting = Math.max(1, Math.min(fitting, STEP.elements))
    size = Math.min(fitting, size * 4)
  }

  /** Lets what was popped go and takes in what was given back; false when the right end is another world. */
  function alignRight(right: readonly Entry[]): boolean {
    for (let back = 0; back < right.length; back++) {
      const popped = indexOfRun(entries, right, back)
      if (popped === -1) {
        if (!deep) return false
        continue
      }
      letGo(popped)
      drift = popped
      if (back > 0) firsts.clear()
      for (const entry of right.slice(0, back).reverse()) {
        entries.unshift(entry)
        gone--
        ages.givenBack(gone, now())
        onAdd(entry)
      }
      return true
    }
    return false
  }

  async function look(read: ReadList): Promise<'complete' | 'more' | 'lost'> {
    const known = entries.length
    const sample = Math.min(SAMPLE, size)
    const from = Math.max(0, known - sample - Math.min(2 * drift, fitting))
    const view = await read(known === 0 ? 0 : deep ? Math.min(DEEP, size) : sample, from, known - from + size)
    length = view.length
    resize(view.chunk)
    if (length === 0) {
      if (known > CHEAP) return 'lost'
      letGo(known)
      return 'complete'
    }
    if (known > 0) {
      const right = view.right.map(entryOf)
      const left = view.chunk.slice(0, known - from).map(entryOf)
      if (settled && length <= BLURRED && (isBlurred(right) || isBlurred(left))) return 'lost'
      const aligned = alignRight(right)
      if (!aligned && deep) return 'lost'
      deep = !aligned
      if (!aligned) return 'more'
    }
    // Fewer than known: something left in the middle.
    if (entries.length > length) return 'lost'
    const { chunk } = view
    const overlap = Math.min(entries.length - from, chunk.length)
    for (let i = 0; i < overlap; i++) {
      const raw = chunk[i]
      if (raw === undefined || entries.fingerprint(from + i) !== entryOf(raw).fingerprint) return 'lost'
    }
    // So many left that the chunk begins behind what is known: the next look begins nearer.
    if (overlap < 0 || (overlap === 0 && entries.length > 0)) return 'more'
    for (let i = overlap; i < chunk.length; i++) {
      const raw = chunk[i]
      if (raw !== undefined) add(entryOf(raw))
    }
    return entries.length === length ? 'complete' : 'more'
  }

  return {
    get entries() {
      return entries
    },
    get length() {
      return length
    },
    async step(read) {
      const found = await look(read)
      if (found === 'complete') {
        settled = true
        before = null
        // The next look must not bring a thousand megabytes, should they have been pushed meanwhile.
        size = Math.min(size, STEP.settled)
      }
      return found
    },
    seenAt: (at) => ages.at(gone + at),
    oldest(task) {
      let at = Math.max(0, (firsts.get(task) ?? gone) - gone)
      while (at < entries.length && entries.task(at) !== task) at++
      firsts.set(task, gone + at)
      return at < entries.length ? at : -1
    },
    forget() {
      const [oldEntries, oldAges, oldGone] = [entries, ages, gone]
      // Lost again before it was all read: the longer memory is the better one.
      if (before === null || oldEntries.length > before.entries.length)
        before = { entries: oldEntries, seenAt: (at) => oldAges.at(oldGone + at), next: 0 }
      else before.next = 0
      entries = createEntries()
      ages = createFirstSeen()
      firsts.clear()
      gone = length = 0
      deep = settled = false
      drift = 0
    },
  }
}

function isBlurred(sample: readonly Entry[]): boolean {
  return new Set(sample.map(({ fingerprint }) => fingerprint)).size < sample.length
}

/** Where the run `right[back…]` lies in the entries; what is shorter than the run is compared as far as it goes. */
function indexOfRun(entries: Entries, right: readonly Entry[], back: number): number {
  const first = right[back]?.fingerprint
  for (let at = 0; at < entries.length; at++) {
    if (entries.fingerprint(at) !== first) continue
    let same = 1
    while (
      back + same < right.length &&
      at + same < entries.length &&
      entries.fingerprint(at + same) === right[back + same]?.fingerprint
    )
      same++
    if (back + same === right.length || at + same === entries.length) return at
  }
  return -1
}
