// Trouble of this machine and not of a job: a full disk, no memory, no file handles. Jobs wait, no retry is used.
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const OTHERS: Readonly<Record<string, string>> = {
  EROFS: 'is read-only',
  EMFILE: 'cannot be used: too many files are open',
  ENFILE: 'cannot be used: too many files are open on this machine',
  ENOMEM: 'cannot be used: this machine has no memory left',
}
/** About the size of the JSON of ten minutes. */
const PROBE_BYTES = 256 * 1024

/** Why the scratch folder cannot be used, as a sentence; null when the error is something else. */
export function machineTrouble(error: unknown, scratch: string): string | null {
  const code = systemCode(error)
  if (code === null) return null
  if (DISK_FULL.has(code))
    return `The disk of the scratch folder ${scratch} is full (${code}). Jobs wait and use no retry; free some space there.`
  const why = OTHERS[code]
  return why === undefined ? null : `The scratch folder ${scratch} ${why} (${code}). Jobs wait and use no retry.`
}

/** Throws the operating system's error where the folder cannot take the result of a chunk. */
export async function checkRoom(folder: string): Promise<void> {
  const probe = join(folder, 'room.probe')
  try {
    const file = await open(probe, 'w')
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES))
      await file.sync()
    } finally {
      await file.close()
    }
  } finally {
    await rm(probe, { force: true })
  }
}

/** The first errno in the error or what caused it; a SQLSTATE is none. */
function systemCode(error: unknown): string | null {
  for (let one = error; one instanceof Error; one = one.cause)
    if ('code' in one && typeof one.code === 'string' && /^E[A-Z]+$/.test(one.code)) return one.code
  return null
}
