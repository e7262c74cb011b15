// Setting up a system: what each part of a draft answers, what was found on this machine, which mapping fits a table.
import * as z from 'zod'
import { CrawlTables } from './crawl-tables.ts'
import { SystemSettings } from './settings.ts'
import { RecordingsTable } from './worker-protocol.ts'

export const PartName = z.enum(['database', 'table', 'broker', 'results', 'api', 'token', 'stack', 'envFile'])
export type PartName = z.infer<typeof PartName>

/** One part of a draft system, tried for real with a deadline. */
export const PartCheck = z.object({
  part: PartName,
  state: z.enum(['ok', 'limited', 'failed', 'absent']),
  /** What answered ("Postgres 16.2, 1,090 rows"), what it cannot do, or why not and what to do. */
  sentence: z.string(),
})
export type PartCheck = z.infer<typeof PartCheck>

/** A table that looks like jobs, best fit first, with the reason for each guess. */
export const MappingProposal = z.object({
  table: RecordingsTable,
  rows: z.number().int().nullable(),
  /** 0–1: how many of the expected columns were found. */
  fit: z.number(),
  /** “status: 4 words seen: Queued, PROCESSING, done, failed”. */
  reasons: z.array(z.string()),
  /** Words of the status column that no state claims. */
  unknownWords: z.array(z.string()),
})
export type MappingProposal = z.infer<typeof MappingProposal>

/** Tables that look like crawl runs, their children and the names of sources. */
export const RunsProposal = MappingProposal.omit({ table: true }).extend({ tables: CrawlTables })
export type RunsProposal = z.infer<typeof RunsProposal>

/** A compose project that runs here, as a system ready to confirm; URLs keep their passwords only as `secret:` names. */
export const Discovery = z.object({
  project: z.string(),
  sentence: z.string(),
  proposal: SystemSettings.nullable(),
  /** What could not be proposed, and why. */
  missing: z.array(z.string()),
})
export type Discovery = z.infer<typeof Discovery>
