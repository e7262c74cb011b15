// Ends the test run's Postgres however the run ends: a process of its own that waits for the end of its input.
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names the server's folder to every process of the run. */
export const FOLDER = 'UNJAM_TEST_POSTGRES'

/**
 * Chooses a folder for a server and starts its guard. The guard's input ends when this process ends, also by
 * kill -9: then it stops whatever server runs in the folder and removes it. `end` does so now and waits for it.
 */
export function guardServer(): { folder: string; end(): Promise<void> } {
  const folder = join(mkdtempSync(join(tmpdir(), 'unjam-test-postgres-')), 'postgres')
  process.env[FOLDER] = folder
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'postgres-guard-main.ts'), folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // Its own group: Ctrl-C in the terminal must not end it before its work.
    detached: true,
  })
  guard.unref()
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()))
  return {
    folder,
    async end() {
      guard.ref()
      guard.stdin.end()
      await ended
    },
  }
}
