// A row as it was, exact to the microsecond: JSON made and read by Postgres itself, carried here as text.
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'
import type { JobRow } from '../../core/ports/jobs.ts'
import type { Shape } from './shape.ts'

const Image = z.object({
  /** The columns that a write may change. */
  head: z.string(),
  /** The whole row, of a job that was removed. */
  row: z.string().nullable(),
  /** What Unjam knew of it and a write took away, in the form of worker/store/drop-recording.ts. */
  state: z.string().nullable(),
  /** Failures of its chunks, which a retry forgets. */
  failures: z.string().nullable(),
})
/** Numbers are never read into JavaScript: the JSON inside stays text. */
export type Image = z.infer<typeof Image>

export function readImage({ id, image }: JobRow): Image {
  const { data } = Image.safeParse(JSON.parse(image))
  if (data !== undefined) return data
  throw new FailureError({
    kind: 'invalid',
    tried: 'Undo a write',
    on: id,
    because: 'what was kept of the row cannot be read',
    remedy: null,
  })
}

/** The columns a write may change, each under a name of ours; those the table has. */
export function headColumns({ t }: Shape): readonly { key: string; column: string }[] {
  const { status, retryCount, error, heartbeat, startedAt, completedAt } = t
  return Object.entries({ status, retryCount, error, heartbeat, startedAt, completedAt }).flatMap(([key, column]) =>
    column === null ? [] : [{ key, column }],
  )
}

/** SQL over `t`: the head as JSON text. */
export function headSql(shape: Shape): string {
  const pairs = headColumns(shape).map(({ key, column }) => `'${key}', t.${column}`)
  return `json_build_object(${pairs.join(', ')})::text`
}

/** SQL: one head column of a JSON text, in the column's own type. */
export function fromHead(
  { column }: Shape,
  json: string,
  { key, column: name }: { key: string; column: string },
): string {
  return `((${json})::json ->> '${key}')::${column(name)?.type ?? 'text'}`
}
