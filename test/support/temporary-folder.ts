// A folder for one test, under the system's temporary one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `path()` makes a fresh folder; `remove`, as an afterEach hook, takes all of them away. */
export function temporaryFolder(): { path(): string; remove(): void } {
  const made: string[] = []
  return {
    path() {
      const folder = mkdtempSync(join(tmpdir(), 'unjam-test-'))
      made.push(folder)
      return folder
    },
    remove() {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
    },
  }
}
