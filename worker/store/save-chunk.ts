// The checkpoint: one transcribed chunk, under the token.
import { type Hold, LeaseLost } from './fence.ts'
import type { Queryable } from './pool.ts'

/** Times in ms of the recording, end exclusive. `first` marks the first word of a whisper segment. */
export interface SavedWord {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
  readonly first?: true
}

export interface SavedChunk {
  readonly startMs: number
  /** Where the next chunk starts. */
  readonly endMs: number
  /** Where its sound ends: past `endMs` by the overlap when no silence was found there. */
  readonly audioEndMs: number
  readonly silent: boolean
  readonly last: boolean
  /** Heard or told; null when it is silent. */
  readonly language: string | null
  readonly words: readonly SavedWord[]
}

/**
 * One statement, so one transaction without being in one. Throws `LeaseLost` and saves nothing without the token.
 * Saving the same chunk again changes nothing: a connection may break after the commit and before its answer.
 */
export async function saveChunk(
  db: Queryable,
  hold: Hold,
  leaseMs: number,
  chunk: SavedChunk & { plan: string; wallMs: number },
): Promise<void> {
  const { rowCount } = await db.query(
    `WITH news AS (
       SELECT (count(*) = 0)::int AS n FROM unjam.chunk
        WHERE recording = $1 AND plan = $4 AND start_ms = $5 AND end_ms = $6 AND words IS NOT NULL
     ), held AS (
       UPDATE unjam.lease SET expires_at = now() + $3::float8 * interval '1 ms', plan = $4, moved_at = now(),
              chunks_done = chunks_done + (SELECT n FROM news), audio_done_ms = greatest(audio_done_ms, $6)
        WHERE recording = $1 AND token = $2 AND state <> 'parked' RETURNING recording, attempt
     ), saved AS (
       INSERT INTO unjam.chunk (recording, plan, start_ms, end_ms, wall_ms, saved_at, words)
       SELECT recording, $4, $5, $6, $7, now(), $8::jsonb FROM held
       ON CONFLICT (recording, plan, start_ms) DO UPDATE SET end_ms = excluded.end_ms, wall_ms = excluded.wall_ms,
         saved_at = now(), words = excluded.words
     )
     UPDATE unjam.attempt a SET chunks_saved = chunks_saved + news.n, audio_ms = audio_ms + news.n * $9::float8
       FROM held, news WHERE a.id = held.attempt`,
    [
      hold.recording,
      hold.token,
      leaseMs,
      chunk.plan,
      Math.round(chunk.startMs),
      Math.round(chunk.endMs),
      chunk.wallMs,
      JSON.stringify(contents(chunk)),
      chunk.endMs - chunk.startMs,
    ],
  )
  if (rowCount !== 1) throw new LeaseLost('taken', hold)
}

/** What `load-chunks.ts` reads back beside the times that have their own columns. */
function contents({ audioEndMs, silent, last, language, words }: SavedChunk): Omit<SavedChunk, 'startMs' | 'endMs'> {
  return { audioEndMs, silent, last, language, words }
}
