// A .env in memory, for samples: read with its hash, replaced only where it is unchanged since.
import { createHash } from 'node:crypto'
import { FailureError } from '../contract/failure.ts'
import type { EnvFile } from '../core/ports/stack.ts'

export interface MemoryEnvFile extends EnvFile {
  text(): string
}

/** @param path how it is called on screen; nothing is there on any disk. */
export function memoryEnvFile(path: string, text: string): MemoryEnvFile {
  let now = text
  let backups = 0
  const hashOf = (one: string) => createHash('sha256').update(one).digest('hex')
  return {
    path,
    text: () => now,
    read: async () => ({ text: now, hash: hashOf(now) }),
    async replace(next, hash) {
      if (hash !== hashOf(now))
        throw new FailureError({
          kind: 'stale',
          tried: 'Save the .env',
          on: path,
          because: 'it was changed since it was read',
          remedy: 'Look at the preview again.',
        })
      now = next
      return { backup: `${path}.backup-${++backups}`, hash: hashOf(next) }
    },
  }
}
