// What the file system itself says of a recording, before anything tries to decode it.
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { BadInput } from './bad-input.ts'

/** Throws BadInput when the file is missing, a folder, empty, locked or not readable. */
export async function checkFile(path: string): Promise<void> {
  const name = basename(path)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) throw unreadable(path, found)
  if (found.isDirectory())
    throw new BadInput(`"${name}" is a folder, not a recording; add the files inside it instead.`)
  if (!found.isFile()) throw new BadInput(`"${name}" is not a regular file; add a recording stored on disk.`)
  if (found.size === 0)
    throw new BadInput(
      `"${name}" is empty (0 bytes); its upload or copy did not finish. Copy it again and add it anew.`,
    )
  try {
    await (await open(path, 'r')).close()
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException)
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): BadInput {
  const name = basename(path)
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new BadInput(`"${name}" is no longer there (${path}). Put the file back, then retry.`)
    case 'EACCES':
    case 'EPERM':
      return new BadInput(`"${name}" may not be read by this account (${path}). Allow reading it, then retry.`)
    case 'EBUSY':
      return new BadInput(`"${name}" is locked by another program (${path}). Close it there, then retry.`)
    default:
      return new BadInput(`"${name}" cannot be read: ${error.message}. Copy it to a local disk and add it again.`)
  }
}
