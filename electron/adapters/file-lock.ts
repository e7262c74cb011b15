// Locks between processes that the operating system releases when their holder dies, however it dies.
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { FailureError } from '../contract/failure.ts'

export interface FileLock {
  release(): void
}

/** Any number of processes may hold `shared` at once; `exclusive` is held alone. */
export type LockMode = 'shared' | 'exclusive'

// SQLite's own locks are fcntl / LockFileEx byte ranges: they work on every platform, between threads as between
// processes, and vanish with the process. A file that merely exists would outlive a crash.
const BEGIN: Record<LockMode, string> = {
  shared: 'BEGIN; SELECT count(*) FROM sqlite_schema',
  exclusive: 'BEGIN EXCLUSIVE',
}

/** The lock, or null when somebody else holds it. The file is created when missing and stays when released. */
export function tryLock(file: string, mode: LockMode): FileLock | null {
  const database = open(file)
  try {
    database.exec(BEGIN[mode])
  } catch (error) {
    database.close()
    if (codeOf(error) === BUSY) return null
    if (UNWRITABLE.includes(codeOf(error))) throw unwritable(file, error)
    throw new FailureError(
      {
        kind: 'invalid',
        tried: 'Lock a file',
        on: file,
        because: messageOf(error),
        remedy: 'Delete that file; it holds no data.',
      },
      { cause: error },
    )
  }
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      database.close()
    },
  }
}

/** Waits for the lock at most `deadlineMs`, then says who is in the way: nobody can know more than "another process". */
export async function waitForLock(
  file: string,
  mode: LockMode,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<FileLock> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const lock = tryLock(file, mode)
    if (lock !== null) return lock
    if (Date.now() > end) {
      throw new FailureError({
        kind: 'busy',
        tried: 'Wait for another Unjam process',
        on: file,
        because: `it has held this lock for more than ${Math.round(deadlineMs / 1000)} seconds`,
        remedy: 'Wait until it is done, or end it.',
      })
    }
    await delay(25, undefined, { signal })
  }
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 })
  } catch (error) {
    throw new FailureError(
      {
        kind: 'refused',
        tried: 'Open a lock file',
        on: file,
        because: messageOf(error),
        remedy: 'Check that the folder exists and that this user may write to it.',
      },
      { cause: error },
    )
  }
}

const BUSY = 5
/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN: of the disk, not of the file. */
const UNWRITABLE = [8, 10, 13, 14]

/** SQLite's primary result code, whatever the extended one: sqlite.org/rescode.html. */
function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : Number.NaN
}

function unwritable(file: string, cause: unknown): FailureError {
  return new FailureError(
    {
      kind: 'refused',
      tried: 'Lock a file',
      on: file,
      because: messageOf(cause),
      remedy: 'Free space on that disk, and check that this user may write to the folder.',
    },
    { cause },
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
