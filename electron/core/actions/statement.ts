// The SQL of a write as a person would type it: shown and copyable, never executed from here.
import type { JobRow, JobSystem, JobWrite } from '../ports.ts'

const SHOWN = 200

/** The system's own statement, else the runbooks' names; null where the system has no SQL. */
export function statement(system: JobSystem, rows: readonly JobRow[], write: JobWrite): string | null {
  if (system.statement !== undefined) return system.statement(rows, write)
  if (system.kind !== 'local' && system.kind !== 'recordings') return null
  const where = ids(rows)
  switch (write.verb) {
    case 'retry':
      // Runbook 1, "Then: Reset these 4 to retry", letter for letter where all have failed.
      return `UPDATE recordings SET status = 'queued', error_message = NULL, retry_count = 0 WHERE status ${states(rows)} AND id IN (${where});`
    case 'skip':
      return `UPDATE recordings SET status = 'skipped'${reason(write.reason)} WHERE id IN (${where});`
    case 'fail':
      return `UPDATE recordings SET status = 'failed', completed_at = now()${reason(write.reason)} WHERE id IN (${where});`
    case 'release':
      return `UPDATE recordings SET status = 'queued' WHERE status = 'processing' AND updated_at < now() - interval '${Math.round(write.olderThanMs / 1000)} seconds' AND id IN (${where});`
    case 'cancel':
      return `UPDATE unjam.lease SET state = 'cancelling' WHERE state = 'held' AND recording IN (${where});`
    case 'remove':
      return `DELETE FROM recordings WHERE id IN (${where});`
  }
}

function ids(rows: readonly JobRow[]): string {
  const shown = rows.slice(0, SHOWN).map((row) => `  ${literal(row.id)}`)
  const rest = rows.length - shown.length
  return `\n${shown.join(',\n')}${rest > 0 ? `\n  -- and ${rest} more` : ''}\n`
}

function states(rows: readonly JobRow[]): string {
  const all = [...new Set(rows.map((row) => row.job.state))].sort()
  return all.length === 1 ? `= ${literal(all[0] ?? '')}` : `IN (${all.map(literal).join(', ')})`
}

function reason(text: string | null): string {
  return text === null ? '' : `, error_message = ${literal(text)}`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
