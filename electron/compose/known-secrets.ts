// Every secret that this process has met: those of the settings, of .env files and of containers' environments.
import { findKnown, type KnownSecrets } from '../contract/secrets/known-text.ts'

export interface SecretsMet {
  /** Kept until the process ends: a log may still name a password that was changed. */
  learn(secrets: readonly string[]): void
  values(): readonly string[]
  /** Finds each of them in a text. */
  known(): KnownSecrets
}

/** Settings and the files they refer to are read again after this time, ms. */
const FRESH_MS = 2000
/** More than any stack has; a file that changes without end must not fill the memory. */
const MOST = 5000

/** @param base the secrets that the settings carry or refer to now. */
export function secretsMet(base: () => readonly string[]): SecretsMet {
  const learned = new Set<string>()
  let made: { find: KnownSecrets; values: readonly string[]; from: string } | null = null
  let readAt = Number.NEGATIVE_INFINITY
  let fromBase: readonly string[] = []

  function values(): readonly string[] {
    if (performance.now() - readAt > FRESH_MS) {
      fromBase = base()
      for (const secret of fromBase) keep(secret)
      readAt = performance.now()
    }
    return [...new Set([...fromBase, ...learned])]
  }

  function keep(secret: string): void {
    learned.delete(secret)
    learned.add(secret)
    const [oldest] = learned
    if (learned.size > MOST && oldest !== undefined) learned.delete(oldest)
  }

  return {
    learn: (secrets) => {
      for (const secret of secrets) keep(secret)
    },
    values,
    known() {
      const all = values()
      const from = all.join('\0')
      if (made?.from !== from) made = { find: findKnown(all), values: all, from }
      return made.find
    },
  }
}
