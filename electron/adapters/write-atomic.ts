// Replaces a file in one step: a reader, a crash or a power cut sees the old text or the new one, never half of it.
import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { chown, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

// Windows refuses a rename while an editor, a virus scanner or an indexer holds the target (npm/write-file-atomic#227).
const HELD = new Set(['EPERM', 'EACCES', 'EBUSY'])
const RETRY_MS = 5000
const UNFINISHED = '.new'

/**
 * Writes `text` beside the file, flushes it, and renames it over the file, retrying for 5 s while somebody holds it.
 * Never truncates in place. A new file gets `mode`; an old one keeps its mode and owner, and a link stays a link.
 * Throws the operating system's error.
 */
export async function writeAtomic(file: string, text: string, mode: number): Promise<void> {
  const target = existsSync(file) ? realpathSync(file) : file
  const before = statSync(target, { throwIfNoEntry: false })
  const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}${UNFINISHED}`)
  try {
    const handle = await open(fresh, 'wx', before === undefined ? mode : before.mode & 0o777)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (before !== undefined && process.getuid?.() === 0) await chown(fresh, before.uid, before.gid)
    await replace(fresh, target)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

/** Removes files that an interrupted `writeAtomic` of this target left: named as it names them, in the same folder. */
export async function removeUnfinished(target: string): Promise<void> {
  const prefix = `.${basename(target)}.`
  for (const name of await readdir(dirname(target)))
    if (name.startsWith(prefix) && /^[0-9a-f]{12}\.new$/.test(name.slice(prefix.length)))
      await rm(join(dirname(target), name), { force: true })
}

async function replace(fresh: string, target: string): Promise<void> {
  const end = Date.now() + RETRY_MS
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    try {
      await rename(fresh, target)
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (!HELD.has(code) || Date.now() + pause > end) throw error
      await delay(pause)
    }
  }
}

/** The new name itself must survive a power cut; Windows cannot open folders and needs no such step. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
