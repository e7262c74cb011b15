// What is handed to somebody else: the incident report, and the bundle that another Unjam opens and replays.
import * as z from 'zod'
import { Receipt } from './action.ts'
import { Instant } from './failure.ts'
import { FindingEvent } from './finding-life.ts'
import { Moment } from './history.ts'
import { Snapshot } from './snapshot.ts'

export const BUNDLE_VERSION = 1

/** Everything that was known of a stretch of time, without secrets. */
export const Bundle = z.object({
  format: z.literal('unjam-bundle'),
  version: z.literal(BUNDLE_VERSION),
  made: Instant,
  /** Version of the Unjam that made it. */
  by: z.string(),
  /** Names of recordings and paths were replaced. */
  anonymous: z.boolean(),
  from: Instant,
  to: Instant,
  /** Of the moment it was made. */
  snapshot: Snapshot,
  moments: z.array(Moment),
  findings: z.array(FindingEvent),
  receipts: z.array(Receipt),
})
export type Bundle = z.infer<typeof Bundle>

const span = {
  /** Absent: a day before `to`. */
  from: Instant.optional(),
  /** Absent: now. */
  to: Instant.optional(),
  /** Names of recordings and paths are replaced; secrets always are. */
  anonymous: z.union([z.boolean(), z.stringbool()]).default(false),
}
export const ReportQuery = z.object({ ...span, format: z.enum(['markdown', 'html']).default('html') })
export type ReportQuery = z.output<typeof ReportQuery>
export const BundleQuery = z.object(span)
export type BundleQuery = z.output<typeof BundleQuery>

export const ReportFile = z.object({ fileName: z.string(), mimeType: z.string(), text: z.string() })
export type ReportFile = z.infer<typeof ReportFile>
export const BundleFile = z.object({
  fileName: z.string(),
  mimeType: z.string(),
  base64: z.string(),
  bytes: z.number().int(),
})
export type BundleFile = z.infer<typeof BundleFile>

/** The bundle that is looked at instead of the world. */
export const Replay = z.object({
  made: Instant,
  from: Instant,
  to: Instant,
  /** The moment that every screen shows. */
  at: Instant,
  anonymous: z.boolean(),
})
export type Replay = z.infer<typeof Replay>
