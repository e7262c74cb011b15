// The life of findings as a list of events: appeared, changed, cleared; acknowledged, snoozed, woken.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { Finding } from './finding.ts'

export const FindingChange = z.enum(['appeared', 'changed', 'cleared', 'acknowledged', 'snoozed', 'woken'])
export type FindingChange = z.infer<typeof FindingChange>

export const FindingEvent = z.object({
  /** By the core's clock. */
  at: Instant,
  key: z.string(),
  change: FindingChange,
  /** As it was right after the event, with its life; of one that cleared, as it was last seen. */
  finding: Finding,
  /** Of `snoozed`: until when; null otherwise. */
  until: Instant.nullable(),
  /** The person who did it; null where the world did. */
  by: z.string().nullable(),
})
export type FindingEvent = z.infer<typeof FindingEvent>
