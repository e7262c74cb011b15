// Short numbers for long texts, so that a million messages are remembered in a few bytes each.

/** 53 bits (cyrb53, public domain): among a million texts two are equal by chance once in 20,000 readings. */
export function hashOf(text: string): number {
  return createHasher().text(text).value()
}

/** The same for what lies in pieces, without putting it together; ASCII bytes count like the characters they are. */
export interface Hasher {
  text(part: string): Hasher
  bytes(part: Uint8Array, from: number, to: number): Hasher
  /** Of all parts since the last value. */
  value(): number
}

const SEEDS = [0xdeadbeef, 0x41c6ce57] as const

export function createHasher(): Hasher {
  let [a, b]: readonly [number, number] = SEEDS
  const hasher: Hasher = {
    text(part) {
      for (let i = 0; i < part.length; i++) {
        const c = part.charCodeAt(i)
        a = Math.imul(a ^ c, 2654435761)
        b = Math.imul(b ^ c, 1597334677)
      }
      return hasher
    },
    bytes(part, from, to) {
      for (let i = from; i < to; i++) {
        const c = part[i] ?? 0
        a = Math.imul(a ^ c, 2654435761)
        b = Math.imul(b ^ c, 1597334677)
      }
      return hasher
    },
    value() {
      const low = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
      const high = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
      ;[a, b] = SEEDS
      return 4294967296 * (2097151 & high) + (low >>> 0)
    },
  }
  return hasher
}
