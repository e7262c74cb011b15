// A .env file: read with its exact bytes, backed up, replaced in one step and only when nobody changed it meanwhile.
import { createHash } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { FailureError, type FailureKind } from '../contract/failure.ts'
import type { EnvFile, EnvText } from '../core/ports/stack.ts'
import { keepPrivate } from './private-folder.ts'
import { removeUnfinished, writeAtomic } from './write-atomic.ts'

const MOST_BYTES = 1024 * 1024
const BACKUPS = 20

export function openEnvFile(path: string): EnvFile {
  let turn: Promise<unknown> = Promise.resolve()

  async function read(signal?: AbortSignal): Promise<EnvText> {
    // Relative to wherever this process was started is nobody's file.
    if (!isAbsolute(path))
      throw failure(
        'invalid',
        'Read the .env',
        path,
        'it is not a whole path',
        'Begin it with the drive or / in the settings of this system.',
      )
    const bytes = await trying('Read the .env', path, async () => {
      const { size } = await stat(path)
      if (size > MOST_BYTES)
        throw failure('invalid', 'Read the .env', path, 'it is larger than 1 MB', 'Check the path.')
      return readFile(path, signal === undefined ? {} : { signal })
    })
    return { text: decode(bytes, path), hash: hashOf(bytes) }
  }

  async function unchanged(hash: string): Promise<EnvText> {
    const now = await read()
    if (now.hash === hash) return now
    throw failure(
      'stale',
      'Save the .env',
      path,
      'it was changed since it was read',
      'Read the current text, then edit again.',
    )
  }

  async function backUp(hash: string): Promise<string> {
    const { text } = await unchanged(hash)
    return trying('Back up the .env', path, async () => {
      // A linked .env is backed up and replaced where it really is.
      const target = await realpath(path)
      return keepCopy(target, text, await writable(target, path))
    })
  }

  async function replace(text: string, hash: string, given?: string): Promise<{ backup: string; hash: string }> {
    const backup = given ?? (await backUp(hash))
    await unchanged(hash)
    return trying('Save the .env', path, async () => {
      const target = await realpath(path)
      await writable(target, path)
      await writeAtomic(target, text, 0o600)
      const written = await read()
      if (written.text !== text)
        throw failure(
          'stale',
          'Save the .env',
          path,
          'somebody wrote it at the same moment',
          `The text before is in ${backup}.`,
        )
      return { backup, hash: written.hash }
    })
  }

  /** One at a time: the second compares with what the first wrote. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    path,
    read,
    hashOf: (text) => hashOf(Buffer.from(text)),
    backUp: (hash) => inTurn(() => backUp(hash)),
    async readBackup(backup, signal) {
      return trying('Read the backup', backup, async () => {
        const target = await realpath(path)
        // The path comes from a receipt: only its name counts, and only in the folder of our own copies.
        const name = basename(backup)
        if (!isCopyOf(target, name))
          throw failure('invalid', 'Read the backup', backup, 'it is not a backup of this file', null)
        const bytes = await readFile(join(copiesOf(target), name), { signal })
        return { text: decode(bytes, backup), hash: hashOf(bytes) }
      })
    },
    removeLeftovers: () =>
      inTurn(() =>
        trying('Remove an unfinished copy of the .env', path, async () => removeUnfinished(await realpath(path))),
      ),
    replace: (text, hash, backup) => inTurn(() => replace(text, hash, backup)),
  }
}

async function writable(target: string, path: string) {
  const before = await stat(target)
  if ((before.mode & 0o222) !== 0) return before
  throw failure('refused', 'Save the .env', path, 'it is marked read-only', 'Make it writable if it may be changed.')
}

const copiesOf = (target: string) => join(dirname(target), 'backups')
const isCopyOf = (target: string, name: string) =>
  name.startsWith(`${basename(target)}.`) && /^\d{4}-\d\d-\d\dT[\d.-]+Z$/.test(name.slice(basename(target).length + 1))

/** `backups/.env.<UTC>` beside the file, for its owner alone: it holds the same secrets. */
async function keepCopy(target: string, text: string, before: { uid: number; gid: number }): Promise<string> {
  const folder = copiesOf(target)
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) keepPrivate(folder)
  const prefix = `${basename(target)}.`
  const file = join(folder, `${prefix}${new Date().toISOString().replaceAll(':', '-')}`)
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (process.getuid?.() === 0) await chown(file, before.uid, before.gid)
  const ours = (await readdir(folder)).filter((name) => isCopyOf(target, name))
  for (const old of ours.sort().slice(0, -BACKUPS)) await rm(join(folder, old), { force: true })
  return file
}

/** With its byte order mark: nothing of the file is lost in a round trip. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    throw failure(
      'invalid',
      'Read the .env',
      path,
      wide ? 'it is UTF-16, which compose cannot read' : 'it is not UTF-8, so that writing it again would lose signs',
      'Save it as UTF-8 in an editor; nothing was changed.',
    )
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const causes: Readonly<Record<string, readonly [kind: FailureKind, because: string, remedy: string]>> = {
  ENOENT: ['missing', 'there is no such file', 'Check the path in the settings of this system.'],
  ENOTDIR: ['missing', 'there is no such file', 'Check the path in the settings of this system.'],
  EISDIR: ['invalid', 'it is a folder', 'Name the file itself in the settings of this system.'],
  EACCES: [
    'refused',
    'this user may not read or write it',
    'Run Unjam as a user who may, or change the rights of the file and its folder.',
  ],
  EPERM: [
    'busy',
    'another program holds it, or it is protected',
    'Close editors and scanners that have it open, then try again.',
  ],
  EBUSY: ['busy', 'another program holds it', 'Close editors and scanners that have it open, then try again.'],
  EROFS: ['refused', 'its disk is read-only', 'Edit it where it is kept.'],
  ENOSPC: ['refused', 'its disk is full', 'Make room, then try again.'],
}

async function trying<T>(tried: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const cause = causes[code]
    if (error instanceof FailureError || code === 'ABORT_ERR') throw error
    if (cause !== undefined) throw failure(cause[0], tried, path, cause[1], cause[2], error)
    const because = error instanceof Error ? error.message : String(error)
    throw failure('refused', tried, path, because, 'The file is as it was.', error)
  }
}

function failure(
  kind: FailureKind,
  tried: string,
  on: string,
  because: string,
  remedy: string | null,
  cause?: unknown,
): FailureError {
  return new FailureError({ kind, tried, on, because, remedy }, { cause })
}
