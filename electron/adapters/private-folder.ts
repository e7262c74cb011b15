// Access of other accounts to folders and files of ours: detected and removed.
import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, lstatSync, openSync, statSync } from 'node:fs'

const windows = process.platform === 'win32'

/**
 * Owner only. On Windows a mode means nothing: inheritance is cut and the user itself (Postgres drops the
 * Administrators right, so a grant to that group would not do) and SYSTEM get full control (practice guide §7.1).
 */
export function keepPrivate(folder: string): void {
  if (!windows) {
    chmodSync(folder, 0o700)
    return
  }
  const account = execFileSync('whoami', ['/user', '/fo', 'csv', '/nh'], { encoding: 'utf8', timeout: 10_000 })
  const sid = /S-1-[0-9-]+/.exec(account)?.[0]
  if (sid === undefined) throw new Error('whoami named no security identifier')
  const grants = [`*${sid}:(OI)(CI)F`, '*S-1-5-18:(OI)(CI)F']
  execFileSync('icacls', [folder, '/inheritance:r', '/grant', ...grants], { timeout: 30_000, windowsHide: true })
}

/** Everyone, Authenticated Users, Users: learn.microsoft.com, "Well-known SIDs". */
const EVERYBODY = ['*S-1-1-0', '*S-1-5-11', '*S-1-5-32-545']

/** Whether accounts other than the owner (and root or SYSTEM) may enter the folder. Follows a link. */
export function isOpenToOthers(folder: string): boolean {
  if (!windows) return (statSync(folder).mode & 0o077) !== 0
  // /findsid prints the path of a match; its sentences are translated, the path is not.
  return EVERYBODY.some((sid) =>
    execFileSync('icacls', [folder, '/findsid', sid], { encoding: 'utf8', timeout: 30_000, windowsHide: true })
      .toLowerCase()
      .includes(folder.toLowerCase()),
  )
}

/** Whether this account owns it, so that its access is ours to change. On Windows the folder's ACL decides. */
export function isOwn(path: string): boolean {
  return windows || statSync(path).uid === process.getuid?.()
}

/**
 * Owner only, for a regular file or folder of this account; anything else is left alone: a link, or a file with a
 * second name, would change the mode of something elsewhere. Throws the operating system's error. On Windows files
 * inherit the access of their folder.
 */
export function closeEntry(path: string): void {
  if (windows) return
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.uid !== process.getuid?.() || (found.mode & 0o077) === 0) return
  if (found.isDirectory()) chmodSync(path, 0o700)
  else if (found.isFile() && found.nlink === 1) chmodSync(path, 0o600)
}

/** Creates the file for its owner only, before a library creates it for everybody; an existing one is closed. */
export function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    closeEntry(file)
  }
}
