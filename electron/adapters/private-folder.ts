// Closes a folder to other users.
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'

/**
 * Owner only. On Windows a mode means nothing: inheritance is cut and the user itself (Postgres drops the
 * Administrators right, so a grant to that group would not do) and SYSTEM get full control (practice guide §7.1).
 */
export function keepPrivate(folder: string): void {
  if (process.platform !== 'win32') {
    chmodSync(folder, 0o700)
    return
  }
  const account = execFileSync('whoami', ['/user', '/fo', 'csv', '/nh'], { encoding: 'utf8', timeout: 10_000 })
  const sid = /S-1-[0-9-]+/.exec(account)?.[0]
  if (sid === undefined) throw new Error('whoami named no security identifier')
  const grants = [`*${sid}:(OI)(CI)F`, '*S-1-5-18:(OI)(CI)F']
  execFileSync('icacls', [folder, '/inheritance:r', '/grant', ...grants], { timeout: 30_000, windowsHide: true })
}
