// Readings in SQLite: the numbers that charts need as columns, each whole moment packed beside them.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import { type Moment, RecordedSystem } from '../contract/history.ts'
import { SystemKind } from '../contract/job.ts'
import type { BucketRow, Records, Resolution } from '../core/ports/records.ts'
import { openSqlite, together } from './sqlite-file.ts'

const levels: Readonly<Record<Resolution, number>> = { fine: 0, minute: 1, coarse: 2 }

// Packed, a busy moment takes a tenth. `level` is the coarsest resolution a moment belongs to: thinning out is a DELETE, nothing is ever rewritten.
const SCHEMA = `
  CREATE TABLE moment (at INTEGER PRIMARY KEY, level INTEGER NOT NULL, systems BLOB NOT NULL) STRICT;
  CREATE INDEX moment_level ON moment (level, at);
  CREATE TABLE reading (
    at INTEGER NOT NULL, system TEXT NOT NULL, kind TEXT NOT NULL,
    queued INTEGER, running INTEGER, done INTEGER, failed INTEGER,
    messages INTEGER, unacked INTEGER, last_done TEXT,
    PRIMARY KEY (at, system)
  ) STRICT, WITHOUT ROWID;
`
// What goes up and down is told by its highest; a counter by the last moment of the bucket at which it could be read.
const BUCKETS = `
  WITH bucket AS (
    SELECT system, max(kind) AS kind, CAST((at - :from) / :length AS INTEGER) AS number, count(*) AS moments,
           max(queued) AS queued, max(running) AS running, max(messages) AS messages, max(unacked) AS unacked,
           max(last_done) AS last_done, max(CASE WHEN done IS NOT NULL THEN at END) AS counted
    FROM reading WHERE at >= :from AND at < :to GROUP BY system, number)
  SELECT bucket.*, reading.done, reading.failed
  FROM bucket LEFT JOIN reading ON reading.at = bucket.counted AND reading.system = bucket.system
  ORDER BY number, bucket.system`
const Row = z.object({
  ...{ system: z.string(), kind: SystemKind, number: z.number(), moments: z.number() },
  ...{ done: z.number().nullable(), failed: z.number().nullable(), queued: z.number().nullable() },
  ...{ running: z.number().nullable(), messages: z.number().nullable(), unacked: z.number().nullable() },
  last_done: z.string().nullable(),
})

/** A clock that jumps must not make the file grow: beside the ages, a bound of its own. Ages alone keep about 7,300. */
const MOST_MOMENTS = 12_000

export interface RecordsFile extends Records {
  readonly notices: readonly string[]
  close(): void
}

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openRecords(file: string): RecordsFile {
  const { database, notices } = openSqlite({ file, name: 'history of readings', version: 1, schema: SCHEMA })
  // A power cut may cost its last seconds, never the file: a write every five seconds does not wait for the disk.
  database.exec('PRAGMA synchronous = NORMAL')
  const addMoment = database.prepare('INSERT OR REPLACE INTO moment VALUES (?, ?, ?)')
  const addReading = database.prepare('INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const buckets = database.prepare(BUCKETS)
  const last = database.prepare('SELECT at, systems FROM moment WHERE at <= ? ORDER BY at DESC LIMIT 1')
  const one = database.prepare('SELECT at, systems FROM moment WHERE at = ?')
  const times = database.prepare('SELECT at FROM moment WHERE at >= ? AND at < ? ORDER BY at')
  const oldest = database.prepare('SELECT min(at) AS at FROM moment')
  const thin = database.prepare('DELETE FROM moment WHERE level = ? AND at < ?')
  const cut = database.prepare(
    `DELETE FROM moment WHERE at < (SELECT at FROM moment ORDER BY at DESC LIMIT 1 OFFSET ${MOST_MOMENTS})`,
  )
  const orphans = database.prepare('DELETE FROM reading WHERE at NOT IN (SELECT at FROM moment)')

  return {
    append(moment, resolution) {
      const at = Date.parse(moment.at)
      together(database, () => {
        addMoment.run(at, levels[resolution], packed(moment.systems))
        for (const { id, kind, counts, queues, lastDoneAt } of moment.systems) {
          const { queued = null, running = null, done = null, failed = null } = counts ?? {}
          const messages = queues?.reduce((sum, queue) => sum + queue.messages, 0) ?? null
          // What one queue does not say, the sum does not know either.
          const unacked = queues?.reduce<number | null>(
            (sum, queue) => (sum === null || queue.unacked === null ? null : sum + queue.unacked),
            0,
          )
          addReading.run(at, id, kind, queued, running, done, failed, messages, unacked ?? null, lastDoneAt)
        }
      })
    },
    prune: (before) =>
      together(database, () => {
        for (const [resolution, ms] of Object.entries(before)) thin.run(levels[resolution as Resolution], ms)
        cut.run()
        orphans.run()
      }),
    at(ms) {
      const row = last.get(ms)
      return row === undefined ? null : toMoment(row)
    },
    between(fromMs, toMs, limit) {
      const all = times.all(fromMs, toMs).map(({ at }) => Number(at))
      const step = Math.max(1, all.length / limit)
      const chosen = Array.from({ length: Math.min(all.length, limit) }, (_, n) => all[Math.floor(n * step)] ?? 0)
      return chosen.flatMap((at) => {
        const row = one.get(at)
        return row === undefined ? [] : [toMoment(row)]
      })
    },
    buckets: (fromMs, toMs, bucketMs) =>
      buckets.all({ from: fromMs, to: toMs, length: bucketMs }).map((row) => toBucket(row, fromMs, bucketMs)),
    oldest() {
      const at = oldest.get()?.at
      return at === null || at === undefined ? null : Number(at)
    },
    forget: (prefix) =>
      together(database, () => {
        const touched = database
          .prepare('DELETE FROM reading WHERE substr(system, 1, ?) = ? RETURNING at')
          .all(prefix.length, prefix)
        const rewrite = database.prepare('UPDATE moment SET systems = ? WHERE at = ?')
        for (const { at } of touched) {
          const row = one.get(Number(at))
          if (row === undefined) continue
          rewrite.run(packed(toMoment(row).systems.filter(({ id }) => !id.startsWith(prefix))), Number(at))
        }
      }),
    close: () => database.close(),
    notices,
  }
}

/** Fast rather than small: it is written every five seconds. */
function packed(systems: Moment['systems']): Uint8Array {
  return deflateRawSync(JSON.stringify(systems), { level: 3 })
}

function toMoment({ at, systems }: Record<string, unknown>): Moment {
  if (!(systems instanceof Uint8Array)) throw new Error('a moment of the history of readings is not packed')
  return {
    at: new Date(Number(at)).toISOString(),
    systems: z.array(RecordedSystem).parse(JSON.parse(inflateRawSync(systems).toString('utf8'))),
  }
}

function toBucket(row: unknown, fromMs: number, bucketMs: number): BucketRow {
  const { number, last_done, ...rest } = Row.parse(row)
  return { ...rest, fromMs: fromMs + number * bucketMs, lastDoneAt: last_done }
}
