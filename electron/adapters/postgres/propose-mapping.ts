// Looks through a database for tables that look like jobs, and says for each how it would be read and why.
import type { Queryable } from '../../../worker/store/pool.ts'
import { quote } from '../../../worker/store/table.ts'
import type { MappingProposal } from '../../contract/connecting.ts'
import { RecordingsTable } from '../../contract/worker-protocol.ts'
import { type Guess, guessColumns } from './guess-columns.ts'
import { guessWords } from './guess-words.ts'
import {
  MOST_WORDS,
  readTables,
  rowsOf,
  SAMPLE_ROWS,
  type SeenTable,
  type Source,
  sampled,
  sampleWords,
  within,
  wordsReason,
  zoneOf,
} from './seen-tables.ts'

/** Candidates that are looked into; the rest fit worse by their names alone. */
const LOOKED_INTO = 8

/** Best fit first; an empty list is a database without any table of jobs that this role may read. */
export async function proposeMappings(db: Queryable, machineZone: string): Promise<MappingProposal[]> {
  const candidates = (await readTables(db))
    .flatMap((table) => {
      const guess = guessColumns(table.columns)
      return guess === null ? [] : [{ table, guess }]
    })
    .sort((a, b) => rank(b) - rank(a))
    .slice(0, LOOKED_INTO)
  const proposals: MappingProposal[] = []
  for (const { table, guess } of candidates) {
    const proposal = await lookInto(db, table, guess, machineZone)
    if (proposal !== null) proposals.push(proposal)
  }
  return proposals.sort((a, b) => b.fit - a.fit || (b.rows ?? 0) - (a.rows ?? 0))
}

/** A table before the view of it, and the runbooks' name before another that fits as well. */
function rank({ table, guess }: { table: SeenTable; guess: Guess }): number {
  return guess.fit + (table.kind === 'v' ? 0 : 0.02) + (/recording/i.test(table.name) ? 0.01 : 0)
}

async function lookInto(db: Queryable, table: SeenTable, guess: Guess, machineZone: string) {
  const { columns } = guess
  const status = table.columns.find(({ name }) => name === columns.status)
  const labels = status?.labels ?? null
  const seen = labels ?? (await within(db, () => sampleWords(db, table, columns.status))) ?? null
  if (seen !== null && seen.length >= MOST_WORDS) return null
  const words = guessWords(seen ?? [], labels !== null)
  // A status that never means anything a job can be in is no status of jobs.
  if (seen !== null && seen.length > 0 && words.known.length === 0) return null
  const reasons = [wordsReason(columns.status, seen, words, labels !== null), ...guess.reasons]
  let duration = columns.duration
  if (duration !== null && (await within(db, () => tooLong(db, table, duration ?? ''))) === true) {
    reasons.push(
      `${duration} would mean recordings of many hours each; it is hardly in seconds, so lengths stay unknown`,
    )
    duration = null
  }
  const zone = await zoneOf(db, table, columns.heartbeat, machineZone)
  if (zone !== null) reasons.push(zone.reason)
  if (table.kind === 'v') reasons.push('it is a view; jobs can be changed only where Postgres can write through it')
  const proposal: MappingProposal = {
    table: RecordingsTable.parse({
      schema: table.schema,
      table: table.name,
      columns: { ...columns, duration },
      words: words.words,
      ...(zone === null ? {} : { timeZone: zone.timeZone }),
    }),
    rows: await rowsOf(db, table),
    fit: Math.round(guess.fit * 100) / 100,
    reasons,
    unknownWords: [...words.unknown],
  }
  return proposal
}

/** Half of the recordings longer than twelve hours: milliseconds, or samples. */
async function tooLong(db: Queryable, table: Source, duration: string): Promise<boolean> {
  const { rows } = await db.query<{ long: boolean | null }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY d::float8) > 43200 AS long
       FROM (SELECT ${quote(duration)} AS d FROM ${sampled(table)} LIMIT ${SAMPLE_ROWS}) AS s WHERE d IS NOT NULL`,
  )
  return rows[0]?.long === true
}
