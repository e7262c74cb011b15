// A .env in memory, for samples: read with its hash, replaced only where it is unchanged since.
import { createHash } from 'node:crypto'
import { FailureError, type FailureKind } from '../contract/failure.ts'
import type { EnvFile } from '../core/ports/stack.ts'

export interface MemoryEnvFile extends EnvFile {
  text(): string
}

/** @param path how it is called on screen; nothing is there on any disk. */
export function memoryEnvFile(path: string, text: string): MemoryEnvFile {
  let now = text
  const backups: string[] = []
  const hashOf = (one: string) => createHash('sha256').update(one).digest('hex')
  function unchanged(hash: string): void {
    if (hash !== hashOf(now)) throw failure('stale', 'Save the .env', path, 'it was changed since it was read')
  }
  function backUp(hash: string): string {
    unchanged(hash)
    return `${path}.backup-${backups.push(now)}`
  }
  return {
    path,
    text: () => now,
    read: async () => ({ text: now, hash: hashOf(now) }),
    hashOf,
    removeLeftovers: async () => undefined,
    backUp: async (hash) => backUp(hash),
    async readBackup(backup) {
      const text = backups[Number(backup.slice(`${path}.backup-`.length)) - 1]
      if (text === undefined) throw failure('missing', 'Read the backup', backup, 'there is no such backup')
      return { text, hash: hashOf(text) }
    },
    async replace(next, hash, backup = backUp(hash)) {
      unchanged(hash)
      now = next
      return { backup, hash: hashOf(next) }
    },
  }
}

function failure(kind: FailureKind, tried: string, on: string, because: string): FailureError {
  return new FailureError({ kind, tried, on, because, remedy: 'Look at the preview again.' })
}
