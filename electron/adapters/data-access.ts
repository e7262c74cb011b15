// Access of other accounts to the data directory: removed where the directory is ours alone, reported where it is not.
import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { closeEntry, isOpenToOthers, isOwn, keepPrivate } from './private-folder.ts'

/** Written by Unjam. Models are public, and Postgres keeps its own folder closed under its own account. */
const FOLDERS = ['run', 'logs', 'scratch', 'recordings', 'recreate', 'desktop']
const OTHER_FOLDERS = ['postgres', 'models']
/** With -wal, -shm, .corrupt-… and what an interrupted write leaves. */
const FILE = /^[a-z]+\.sqlite|^\.?(settings|secrets)\.json/
/** secrets.ts refuses an open one: its secrets may have been read. */
const SECRETS = 'secrets.json'

/**
 * Closes the data directory and what Unjam keeps in it: passwords, transcripts, receipts. Answers with a sentence for
 * everything that stays open to others. An existing folder with other files in it is not ours to close.
 */
export function closeDataFolder(path: string): readonly string[] {
  const warnings: string[] = []
  const names = readdirSync(path)
  attempt(path, warnings, () => {
    if (!isOpenToOthers(path)) return
    const others = names.filter((name) => !isOurs(name))
    if (!isOwn(path)) warnings.push(stillOpen(path, 'it belongs to another account'))
    else if (others.length > 0) warnings.push(stillOpen(path, alsoHolds(others)))
    else {
      keepPrivate(realpathSync(path))
      // exFAT and some network shares accept the change and forget it.
      if (isOpenToOthers(path)) warnings.push(stillOpen(path, 'its file system does not store permissions'))
    }
  })
  for (const name of names.filter((one) => FOLDERS.includes(one) || (FILE.test(one) && one !== SECRETS)))
    attempt(join(path, name), warnings, () => closeEntry(join(path, name)))
  // Behind a link are files of somebody else, whose access is not ours to change.
  for (const folder of ['run', 'logs'].filter((name) => names.includes(name) && isFolder(join(path, name))))
    for (const name of readdirSync(join(path, folder)))
      attempt(join(path, folder, name), warnings, () => closeEntry(join(path, folder, name)))
  return warnings
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function isOurs(name: string): boolean {
  return FOLDERS.includes(name) || OTHER_FOLDERS.includes(name) || FILE.test(name)
}

function alsoHolds([first, ...more]: readonly string[]): string {
  return `it also holds ${first}${more.length > 0 ? ` and ${more.length} more` : ''}, which Unjam did not write`
}

function stillOpen(path: string, because: string): string {
  return `Other accounts on this computer can open the data directory ${path}. Its permissions were not changed because ${because}. Restrict them, or choose another directory with --data DIR.`
}

/** A read-only disk or a share without rights is a sentence, not the end of the start. */
function attempt(path: string, warnings: string[], work: () => void): void {
  try {
    work()
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    warnings.push(`${path} could not be closed to other accounts: ${because}`)
  }
}
