// One core per data directory: a lock that ends with the process holding it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from './file-lock.ts'

/** Takes the data directory for this process; null when another core has it, and then one attaches to that one. */
export function takeCoreLock(dataDir: string): { release(): void } | null {
  const run = join(dataDir, 'run')
  mkdirSync(run, { recursive: true, mode: 0o700 })
  return tryLock(join(run, 'core.lock'), 'exclusive')
}
