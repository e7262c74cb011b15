// What is already done of a job under one plan, and where it has failed before.
import type { Queryable } from './pool.ts'
import type { SavedChunk } from './save-chunk.ts'

export interface Checkpoint {
  /** Saved chunks from the beginning without a gap, in order. */
  readonly chunks: readonly SavedChunk[]
  /** Failures by the start of chunks not saved. */
  readonly failures: ReadonlyMap<number, number>
}

/** Another plan's chunks are never returned; a chunk behind a gap is left out, it will be done again. */
export async function loadChunks(db: Queryable, recording: string, plan: string): Promise<Checkpoint> {
  const { rows } = await db.query<{
    startMs: number
    endMs: number
    failures: number
    words: Omit<SavedChunk, 'startMs' | 'endMs'> | null
  }>(
    `SELECT start_ms AS "startMs", end_ms AS "endMs", failures, words FROM unjam.chunk
      WHERE recording = $1 AND plan = $2 ORDER BY start_ms`,
    [recording, plan],
  )
  const chunks: SavedChunk[] = []
  const failures = new Map<number, number>()
  let reached = 0
  for (const { startMs, endMs, failures: failed, words } of rows) {
    if (words === null) failures.set(startMs, failed)
    else if (startMs === reached && endMs > reached) {
      chunks.push({ startMs, endMs, ...words })
      reached = endMs
    }
  }
  return { chunks, failures }
}
