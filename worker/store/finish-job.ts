// The transcript is complete: segments, the row done, the lease ended, in one transaction.
import { assign, endAttempt, endLease, type Hold, lockJob } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

export interface Transcript {
  readonly segments: readonly { startMs: number; endMs: number; text: string }[]
  readonly durationMs: number | null
}

/** Needs a transaction in the table's zone. The chunks' words are let go: the segments have them now. */
export async function finishJob(db: Queryable, t: TableSql, hold: Hold, transcript: Transcript): Promise<void> {
  await lockJob(db, t, hold, 'refuse')
  const { segments, durationMs } = transcript
  await db.query('DELETE FROM unjam.segment WHERE recording = $1', [hold.recording])
  await db.query(
    `INSERT INTO unjam.segment (recording, n, start_ms, end_ms, text)
     SELECT $1, n - 1, start_ms, end_ms, text
       FROM unnest($2::int[], $3::int[], $4::text[]) WITH ORDINALITY AS s (start_ms, end_ms, text, n)`,
    [
      hold.recording,
      segments.map(({ startMs }) => Math.round(startMs)),
      segments.map(({ endMs }) => Math.round(endMs)),
      segments.map(({ text }) => text),
    ],
  )
  await db.query('UPDATE unjam.chunk SET words = NULL WHERE recording = $1', [hold.recording])
  await endAttempt(db, hold.attempt, 'done')
  await endLease(db, hold)
  const text = segments.map((segment) => segment.text.trim()).join('\n')
  const values: unknown[] = [hold.recording, t.word('done')]
  const bind = (value: unknown) => `$${values.push(value)}`
  const changes = assign(
    [t.completedAt, 'now()'],
    [t.error, 'NULL'],
    [t.transcript, t.transcript === null ? '' : `${bind(text)}::text`],
    [t.duration, t.duration === null ? '' : `coalesce(${t.duration}, ${bind(seconds(durationMs))}::float8)`],
  )
  await db.query(`UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now()${changes} WHERE ${t.id} = $1`, values)
}

const seconds = (ms: number | null) => (ms === null ? null : ms / 1000)
