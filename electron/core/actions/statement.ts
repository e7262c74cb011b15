// The SQL of a write as a person would type it: shown and copyable, never executed from here.
import { assertNever } from '../../contract/failure.ts'
import type { RecordingsTable } from '../../contract/worker-protocol.ts'
import type { JobRow, JobWrite } from '../ports/jobs.ts'

const SHOWN = 200

/** With the table's own names; on the runbooks' table a retry is runbook 1's statement to the letter. */
export function statement(table: RecordingsTable, rows: readonly JobRow[], write: JobWrite): string {
  const { columns, words } = table
  const name = table.schema === 'public' ? plain(table.table) : `${plain(table.schema)}.${plain(table.table)}`
  const status = plain(columns.status)
  const among = `${plain(columns.id)} IN (${ids(rows)})`
  const set = (pairs: readonly (readonly [column: string | null, value: string])[], where: string) =>
    `UPDATE ${name} SET ${pairs
      .flatMap(([column, value]) => (column === null ? [] : [`${plain(column)} = ${value}`]))
      .join(', ')} WHERE ${where};`
  const ended = (state: 'failed' | 'skipped', reason: string | null) =>
    set(
      [
        [columns.status, word(words[state])],
        ...(reason === null ? [] : [[columns.error, literal(reason)] as const]),
        [columns.completedAt, 'now()'],
        [columns.heartbeat, 'now()'],
      ],
      among,
    )
  switch (write.verb) {
    case 'retry':
      return set(
        [
          [columns.status, word(words.queued)],
          [columns.error, 'NULL'],
          [columns.retryCount, '0'],
        ],
        `${status} ${oneOf(rows.map(({ job }) => word(words[job.state])))} AND ${among}`,
      )
    case 'skip':
      return ended('skipped', write.reason)
    case 'fail':
      return ended('failed', write.reason)
    case 'release': {
      const age = `${plain(columns.heartbeat)} < now() - interval '${Math.round(write.olderThanMs / 1000)} seconds'`
      return set([[columns.status, word(words.queued)]], `${status} = ${word(words.running)} AND ${age} AND ${among}`)
    }
    case 'cancel':
      return `UPDATE unjam.lease SET state = 'cancelling' WHERE state = 'held' AND recording IN (${ids(rows)});`
    case 'take-over':
      return [
        `INSERT INTO unjam.lease (recording, token, state, attempt, expires_at, parked_at) SELECT ${plain(columns.id)}::text, gen_random_uuid(), 'parked', 0, now(), now() FROM ${name} WHERE ${among};`,
        set(
          [
            [columns.status, word(words.running)],
            [columns.heartbeat, 'now()'],
          ],
          among,
        ),
      ].join('\n')
    case 'remove':
      return `DELETE FROM ${name} WHERE ${among};`
    case 'finalize':
      return '-- recordings have no children'
    default:
      return assertNever(write)
  }
}

export function ids(rows: readonly JobRow[]): string {
  const shown = rows.slice(0, SHOWN).map((row) => `  ${literal(row.id)}`)
  const rest = rows.length - shown.length
  return `\n${shown.join(',\n')}${rest > 0 ? `\n  -- and ${rest} more` : ''}\n`
}

/** The first word of a state is the one that is written. */
function word(words: readonly string[]): string {
  return literal(words[0] ?? '')
}

function oneOf(values: readonly string[]): string {
  const all = [...new Set(values)].sort()
  return all.length === 1 ? `= ${all[0]}` : `IN (${all.join(', ')})`
}

/** Quoted only where Postgres needs it, as a person would write it. */
export function plain(identifier: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(identifier) ? identifier : `"${identifier.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
