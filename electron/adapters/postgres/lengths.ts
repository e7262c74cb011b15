// How long jobs are, counted in the database: one pass over those that wait, run or failed, whatever their number.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { StateLengths } from '../../contract/proof.ts'
import { Binds, inStates, type Shape, stateOf } from './shape.ts'

interface Row {
  readonly word: string | null
  readonly jobs: number
  readonly unknown: number
  readonly longestMs: number | null
  readonly over: readonly number[]
}

const STATES = ['queued', 'running', 'failed'] as const

/** @param overMs audio lengths; each state counts its jobs that are longer. */
export async function lengths(db: Queryable, shape: Shape, overMs: readonly number[]): Promise<StateLengths[]> {
  const { t } = shape
  const binds = new Binds()
  const stored = t.duration === null ? 'NULL::float8' : `t.${t.duration}::float8 * 1000`
  const open = shape.unjam === 'open'
  const counted = overMs.map((ms) => `count(*) FILTER (WHERE j.ms > ${binds.add(ms)}::float8)::float8`)
  const { rows } = await db.query<Row>(
    `SELECT j.word, count(*)::float8 AS jobs, count(*) FILTER (WHERE j.ms IS NULL)::float8 AS unknown,
            max(j.ms) AS "longestMs", ARRAY[${counted.join(', ')}]::float8[] AS over
       FROM (SELECT t.${t.status}::text AS word, ${open ? `coalesce(${stored}, au.duration_ms::float8)` : stored} AS ms
               FROM ${t.name} t ${open ? `LEFT JOIN unjam.audio au ON au.recording = t.${t.id}::text` : ''}
              WHERE ${inStates(shape, binds, STATES)}) AS j
      GROUP BY j.word`,
    binds.values,
  )
  return STATES.map((state) => {
    const own = rows.filter(({ word }) => stateOf(shape, word) === state)
    const longest = own.flatMap(({ longestMs }) => longestMs ?? [])
    return {
      state,
      jobs: own.reduce((sum, { jobs }) => sum + jobs, 0),
      unknown: own.reduce((sum, { unknown }) => sum + unknown, 0),
      longestMs: longest.length === 0 ? null : Math.max(...longest),
      over: overMs.map((_, i) => own.reduce((sum, { over }) => sum + (over[i] ?? 0), 0)),
    }
  })
}
