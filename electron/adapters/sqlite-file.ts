// SQLite files of ours: created for their owner only, set aside when damaged, refused when a newer Unjam wrote them.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FailureError } from '../contract/failure.ts'
import { closeEntry, createPrivate } from './private-folder.ts'

export interface SqliteFile {
  readonly file: string
  /** As in a sentence: "history". */
  readonly name: string
  readonly version: number
  /** Creates everything in an empty file; the version is set here. */
  readonly schema: string
  /** By version, what makes the next one of it. */
  readonly upgrades?: Readonly<Record<number, string>>
}

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openSqlite(what: SqliteFile): { database: DatabaseSync; notices: readonly string[] } {
  mkdirSync(dirname(what.file), { recursive: true, mode: 0o700 })
  try {
    return { database: open(what), notices: [] }
  } catch (error) {
    if (!isDamaged(error)) throw explained(error, `Open the ${what.name}`, what.file)
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
    const aside = `${what.file}.corrupt-${stamp}`
    for (const part of ['', '-wal', '-shm'])
      if (existsSync(what.file + part)) renameSync(what.file + part, aside + part)
    const notice = `The ${what.name} could not be read and was set aside as ${aside}; a new one begins.`
    return { database: open(what), notices: [notice] }
  }
}

function open(what: SqliteFile): DatabaseSync {
  // SQLite creates a file for everybody, and gives -wal and -shm the access of the file they belong to.
  if (what.file !== ':memory:') {
    createPrivate(what.file)
    for (const part of ['-wal', '-shm']) closeEntry(what.file + part)
  }
  const database = new DatabaseSync(what.file, { timeout: 5000 })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    if (version > what.version) throw tooNew(what, version)
    if (version === 0) create(database, what)
    for (let from = version; from > 0 && from < what.version; from++) upgrade(database, what, from)
    const check = database.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (check !== 'ok') throw new Damaged(String(check))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** All of it or nothing. Throws what went wrong first, a full disk as a FailureError. */
export function together(database: DatabaseSync, work: () => void): void {
  try {
    database.exec('BEGIN IMMEDIATE')
    work()
    database.exec('COMMIT')
  } catch (error) {
    // A full disk or an I/O error has rolled back already (sqlite.org/lang_transaction.html, "Response To Errors").
    if (database.isTransaction) rollBack(database)
    throw explained(error, 'Write to a database file', database.location() ?? '')
  }
}

/** The error that led here counts, not one of undoing it: SQLite rolls back when the file is opened again. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch (error) {
    if (resultCode(error) === null) throw error
  }
}

/** Two processes may open a new file at once: the second finds the tables made. */
function create(database: DatabaseSync, what: SqliteFile): void {
  together(database, () => {
    if (Number(database.prepare('PRAGMA user_version').get()?.user_version) !== 0) return
    database.exec(`${what.schema} PRAGMA user_version = ${what.version}`)
  })
}

function upgrade(database: DatabaseSync, { upgrades }: SqliteFile, from: number): void {
  together(database, () => {
    if (Number(database.prepare('PRAGMA user_version').get()?.user_version) !== from) return
    database.exec(`${upgrades?.[from] ?? ''} PRAGMA user_version = ${from + 1}`)
  })
}

class Damaged extends Error {}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), with their extended codes. */
function isDamaged(error: unknown): boolean {
  const code = resultCode(error)
  return error instanceof Damaged || code === 11 || code === 26
}

/** SQLite's primary result code; null for any other error (sqlite.org/rescode.html). */
function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null
}

/** What an administrator has to fix: SQLITE_READONLY (8), SQLITE_IOERR (10), SQLITE_FULL (13), SQLITE_CANTOPEN (14). */
function explained(error: unknown, tried: string, on: string): unknown {
  const because = {
    ...{ 8: 'it cannot be written', 10: 'the disk reported an error', 13: 'the disk is full' },
    14: 'it cannot be opened',
  }[resultCode(error) ?? 0]
  if (because === undefined) return error
  const details = error instanceof Error && resultCode(error) !== 13 ? ` (${error.message})` : ''
  const remedy = 'Free disk space, or check the permissions of the file. Unjam retries at the next write.'
  return new FailureError({ kind: 'refused', tried, on, because: because + details, remedy }, { cause: error })
}

function tooNew(what: SqliteFile, version: number): FailureError {
  return new FailureError({
    kind: 'unsupported',
    tried: `Open the ${what.name}`,
    on: what.file,
    because: `a newer Unjam wrote it (version ${version}, this one knows ${what.version})`,
    remedy: 'Use the newer Unjam, or another data directory.',
  })
}
