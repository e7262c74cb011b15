// The life of findings as a list of events: appeared, changed, cleared; acknowledged, snoozed, woken.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { Finding, RuleId, Severity } from './finding.ts'
import { SystemId } from './job.ts'

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

/** One appearance of a finding, from its first sight to its end. */
export const FindingEpisode = z.object({
  key: z.string(),
  rule: RuleId,
  system: SystemId,
  /** As it was last. */
  severity: Severity,
  headline: z.string(),
  since: Instant,
  /** null: it is still there. */
  clearedAt: Instant.nullable(),
  /** Oldest first, each as it was right after it. */
  changes: z.array(
    z.object({
      at: Instant,
      change: FindingChange,
      severity: Severity,
      headline: z.string(),
      until: Instant.nullable(),
      by: z.string().nullable(),
    }),
  ),
})
export type FindingEpisode = z.infer<typeof FindingEpisode>

const WEEK_MINUTES = 7 * 24 * 60
export const SnoozeMinutes = z.coerce.number().int().min(5).max(WEEK_MINUTES)

export const FindingHistoryQuery = z.object({
  /** Absent: a week before `to`. */
  from: Instant.optional(),
  /** Absent: now. */
  to: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
})
export type FindingHistoryQuery = z.infer<typeof FindingHistoryQuery>
