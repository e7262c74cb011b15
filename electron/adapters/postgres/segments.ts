// The transcript with its times, a page of segments at once.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Segment } from '../../contract/job.ts'
import type { Shape } from './shape.ts'
import { needUnjam } from './unjam-schema.ts'

/** From segment number `from` on; `next` is the number to continue with. */
export async function segments(
  db: Queryable,
  shape: Shape,
  id: string,
  from: number,
  limit: number,
): Promise<{ segments: Segment[]; next: number | null }> {
  needUnjam(shape, 'Read the transcript')
  const { rows } = await db.query<Segment & { n: number }>(
    `SELECT n, start_ms AS "startMs", end_ms AS "endMs", text FROM unjam.segment
      WHERE recording = $1 AND n >= $2 ORDER BY n LIMIT $3`,
    [id, from, limit + 1],
  )
  const shown = rows.slice(0, limit).map(({ startMs, endMs, text }) => ({ startMs, endMs, text }))
  return { segments: shown, next: rows[limit]?.n ?? null }
}
