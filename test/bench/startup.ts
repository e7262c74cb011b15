// The embedded database: from nothing, and from a stopped data directory, to the first answered query.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedPostgres } from '../../electron/adapters/embedded-postgres.ts'
import { openPool } from '../../worker/store/pool.ts'
import type { Table } from './run.ts'

/** ms from the call to an answered `SELECT 1`. */
async function start(folder: string): Promise<number> {
  const began = performance.now()
  const postgres = embeddedPostgres({ folder, onNotice: () => undefined })
  const pool = openPool(await postgres.url(AbortSignal.timeout(60_000)), 1, () => undefined)
  await pool.query('SELECT 1')
  const took = performance.now() - began
  await pool.close()
  await postgres.stop()
  return took
}

export async function startup(quick: boolean): Promise<Table> {
  const cold: number[] = []
  const warm: number[] = []
  for (let run = 0; run < (quick ? 1 : 3); run++) {
    const folder = join(mkdtempSync(join(tmpdir(), 'unjam-bench-')), 'postgres')
    cold.push(await start(folder))
    warm.push(await start(folder))
    rmSync(join(folder, '..'), { recursive: true, force: true })
  }
  const row = (name: string, times: number[], limit: string) => {
    const sorted = times.toSorted((a, b) => a - b)
    const seconds = (ms: number | undefined) => `${((ms ?? 0) / 1000).toFixed(2)} s`
    return [name, seconds(sorted[Math.floor(sorted.length / 2)]), seconds(sorted.at(-1)), limit]
  }
  return {
    title: 'Embedded Postgres to its first answer',
    columns: ['start', 'median', 'worst', 'target'],
    rows: [row('cold (initdb)', cold, '< 3 s'), row('warm', warm, '< 1 s')],
  }
}
