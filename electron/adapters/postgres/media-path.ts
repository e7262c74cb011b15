// The recording's file, when it is on this very machine and can be read.
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { Queryable } from '../../../worker/store/pool.ts'
import { type Shape, validIds } from './shape.ts'

/** The path column as it is: it may name the file as a container sees it. */
export async function storedPath(db: Queryable, shape: Shape, id: string): Promise<string | null> {
  const { t } = shape
  const ids = validIds(shape, [id])
  if (t.path === null || ids.length === 0) return null
  const { rows } = await db.query<{ path: string | null }>(
    `SELECT t.${t.path}::text AS path FROM ${t.name} t WHERE t.${t.id} = ANY($1)`,
    [ids],
  )
  return rows[0]?.path ?? null
}

export async function readableFile(path: string): Promise<string | null> {
  if (!isAbsolute(path) || path.includes('\0')) return null
  try {
    await access(path, constants.R_OK)
    return (await stat(path)).isFile() ? path : null
  } catch (error) {
    // Whatever the reason, it cannot be played here; the worker says why when it comes to work on it.
    if (error instanceof Error) return null
    throw error
  }
}
