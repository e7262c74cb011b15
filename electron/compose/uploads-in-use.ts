// Which uploads a job or a receipt refers to.
import type { HistoryFile } from '../adapters/history-sqlite.ts'
import type { System } from '../core/ports/system.ts'
import type { LocalDatabase } from './local-database.ts'

/** Longest wait for one system. */
const ASK_MS = 10_000

/**
 * Of these folder names, those in the path of a job of the embedded database, or in the trail of a receipt. All of them
 * where another system takes files too, or cannot be asked: its paths are not known here. Starts the database; rejects
 * when it cannot be read, and then nothing is known.
 */
export async function uploadsInUse(
  names: readonly string[],
  database: Pick<LocalDatabase, 'pool'>,
  history: Pick<HistoryFile, 'mentions'>,
  systems: readonly Pick<System, 'kind' | 'jobs'>[],
): Promise<ReadonlySet<string>> {
  for (const { kind, jobs } of systems) {
    // Runs and QC jobs are no files.
    if (kind !== 'recordings') continue
    const able = await jobs.abilities(AbortSignal.timeout(ASK_MS)).catch(() => null)
    if (able === null || able.add.can) return new Set(names)
  }
  const pool = await database.pool()
  const { rows } = await pool.query<{ name: string }>(
    `SELECT u.name FROM unnest($1::text[]) AS u(name)
      WHERE EXISTS (SELECT 1 FROM recordings r WHERE strpos(r.file_path, u.name) > 0)`,
    [names],
  )
  return new Set([...rows.map(({ name }) => name), ...names.filter((name) => history.mentions(name))])
}
