// The SQL of a write on crawl runs as a person would type it (runbook 3): shown and copyable, never executed from here.
import type { CrawlTables } from '../../contract/crawl-tables.ts'
import type { JobRow } from '../ports/jobs.ts'
import { ids, literal, plain } from './statement.ts'

type Write = { verb: 'retry' } | { verb: 'fail'; reason: string } | { verb: 'finalize' }

/** null where the system does not tell its tables. */
export function runStatement(tables: CrawlTables | undefined, rows: readonly JobRow[], write: Write): string | null {
  if (tables === undefined || rows.length === 0) return null
  const { columns } = tables.jobs
  const name =
    tables.schema === 'public' ? plain(tables.jobs.table) : `${plain(tables.schema)}.${plain(tables.jobs.table)}`
  const set = (values: readonly (readonly [column: string, value: string])[], among: readonly JobRow[]) =>
    `UPDATE ${name} SET ${values.map(([column, value]) => `${plain(column)} = ${value}`).join(', ')} WHERE ${plain(columns.id)} IN (${ids(among)});`
  const word = (state: 'queued' | 'done' | 'failed') =>
    [columns.status, literal(tables.words[state][0] ?? state)] as const
  const ended = [columns.completedAt, 'now()'] as const
  switch (write.verb) {
    case 'retry':
      return set(
        [
          word('queued'),
          [columns.startedAt, 'NULL'],
          [columns.completedAt, 'NULL'],
          [columns.error, 'NULL'],
          [columns.taskId, "'…' /* one new id for each */"],
        ],
        rows,
      )
    case 'fail':
      return set([word('failed'), ended, [columns.error, literal(write.reason)]], rows)
    case 'finalize': {
      const failed = rows.filter(({ job }) => (job.children?.failed ?? 0) > 0)
      const done = rows.filter((row) => !failed.includes(row))
      return [
        ...(done.length === 0 ? [] : [set([word('done'), ended], done)]),
        ...(failed.length === 0
          ? []
          : [set([word('failed'), ended, [columns.error, "'… of … sources failed'"]], failed)]),
      ].join('\n')
    }
  }
}
