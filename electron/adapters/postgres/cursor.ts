// Where a page ended: sort key and id of its last row, opaque to everybody else.
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'
import type { JobQuery } from '../../contract/job.ts'

const Position = z.object({
  state: z.string(),
  sort: z.string(),
  descending: z.boolean(),
  /** The sort key as text; null rows come last in both directions. */
  key: z.string().nullable(),
  id: z.string(),
})
export interface Position {
  readonly key: string | null
  readonly id: string
}

/** Titles are compared by their first characters, lower-case, so that a cursor stays below its 2000 characters. */
export const titleKeyLength = 200

export function encodeCursor({ state, sort, descending }: JobQuery, { key, id }: Position): string {
  return Buffer.from(JSON.stringify({ state, sort, descending, key, id })).toString('base64url')
}

/** Throws `invalid` for text that is not a cursor of this very list (state, sort and direction). */
export function decodeCursor(query: JobQuery): Position | null {
  if (query.cursor === null || query.cursor === undefined) return null
  const { data } = Position.safeParse(parse(query.cursor))
  if (data === undefined) throw wrongCursor('it is not a cursor that Unjam gave out')
  if (data.state !== query.state || data.sort !== query.sort || data.descending !== query.descending)
    throw wrongCursor('it belongs to a list with another state or order')
  return { key: data.key, id: data.id }
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function wrongCursor(because: string): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Read the next page of jobs',
    on: 'cursor',
    because,
    remedy: 'Start again from the first page.',
  })
}
