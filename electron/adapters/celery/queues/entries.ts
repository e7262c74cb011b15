// What is remembered of each message of a list, next to run first: 17 bytes, taken off one end and put on either.

export interface Entry {
  /** Names this very message: a hash of its delivery tag and id. */
  readonly fingerprint: number
  readonly task: number
  readonly origin: number
  /** Hash of task and job; 0: it names no job. */
  readonly job: number
  /** Hash of the work that running it twice would repeat; 0: none. */
  readonly work: number
}

export interface Entries {
  readonly length: number
  fingerprint(at: number): number
  task(at: number): number
  job(at: number): number
  entry(at: number): Entry
  /** Behind the last one: what was pushed. */
  push(entry: Entry): void
  /** Before the first one: what a worker gave back. */
  unshift(entry: Entry): void
  shift(): Entry
}

/** A block holds this many; blocks come and go, so nothing is ever copied. */
const BLOCK = 8192
const [NONE, JOB, OTHER] = [0, 1, 2] as const

interface Block {
  readonly fingerprint: Uint32Array
  readonly task: Uint16Array
  readonly origin: Uint16Array
  readonly job: Float64Array
  /** Whether the work is none, the job itself, or one of the few others. */
  readonly work: Uint8Array
  readonly others: Map<number, number>
}

export function createEntries(): Entries {
  const blocks: Block[] = []
  /** Of the first entry in the first block. */
  let offset = 0
  let length = 0

  const blockAt = (index: number): Block => {
    const block = blocks[Math.floor(index / BLOCK)]
    if (block === undefined) throw new Error(`no entry at ${index - offset} of ${length}`)
    return block
  }
  const write = (index: number, entry: Entry) => {
    const block = blockAt(index)
    const at = index % BLOCK
    block.fingerprint[at] = entry.fingerprint
    block.task[at] = entry.task
    block.origin[at] = entry.origin
    block.job[at] = entry.job
    block.work[at] = entry.work === 0 ? NONE : entry.work === entry.job ? JOB : OTHER
    if (block.work[at] === OTHER) block.others.set(at, entry.work)
  }
  const entry = (at: number): Entry => {
    const block = blockAt(offset + at)
    const i = (offset + at) % BLOCK
    const job = block.job[i] ?? 0
    const work = block.work[i] === NONE ? 0 : block.work[i] === JOB ? job : (block.others.get(i) ?? 0)
    return { fingerprint: block.fingerprint[i] ?? 0, task: block.task[i] ?? 0, origin: block.origin[i] ?? 0, job, work }
  }

  return {
    get length() {
      return length
    },
    fingerprint: (at) => blockAt(offset + at).fingerprint[(offset + at) % BLOCK] ?? 0,
    task: (at) => blockAt(offset + at).task[(offset + at) % BLOCK] ?? 0,
    job: (at) => blockAt(offset + at).job[(offset + at) % BLOCK] ?? 0,
    entry,
    push(value) {
      if (offset + length === blocks.length * BLOCK) blocks.push(emptyBlock())
      write(offset + length++, value)
    },
    unshift(value) {
      if (offset === 0) {
        blocks.unshift(emptyBlock())
        offset = BLOCK
      }
      length++
      write(--offset, value)
    },
    shift() {
      const first = entry(0)
      offset++
      length--
      if (offset === BLOCK) {
        blocks.shift()
        offset = 0
      }
      return first
    },
  }
}

function emptyBlock(): Block {
  return {
    fingerprint: new Uint32Array(BLOCK),
    task: new Uint16Array(BLOCK),
    origin: new Uint16Array(BLOCK),
    job: new Float64Array(BLOCK),
    work: new Uint8Array(BLOCK),
    others: new Map(),
  }
}
