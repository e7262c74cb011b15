// What deserves to interrupt a person: decided by the core, shown by every host in its own way.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { Remedy, Severity } from './finding.ts'
import { SystemId } from './job.ts'

/**
 * `slow`: healthy work that others wait for · `stuck`: no sign of life within its limit · `starved`: queued, and nothing
 * starts · `unreadable`: Unjam cannot look · `failing`: any other critical cause.
 */
export const AlertKind = z.enum(['slow', 'stuck', 'starved', 'unreadable', 'failing'])
export type AlertKind = z.infer<typeof AlertKind>

/**
 * `new`: it appeared · `worse`: it became critical · `unanswered`: nobody acknowledged it in time · `persisting`: it is
 * still there, whoever works on it · `woken`: its snooze ended and it is still there.
 */
export const AlertReason = z.enum(['new', 'worse', 'unanswered', 'persisting', 'woken'])
export type AlertReason = z.infer<typeof AlertReason>

export const Alert = z.object({
  /** A host shows each id once. */
  id: z.string(),
  /** The same for all that replace each other: one toast at a time. */
  group: z.string(),
  at: Instant,
  kind: AlertKind,
  reason: AlertReason,
  severity: Severity,
  system: SystemId,
  title: z.string(),
  body: z.string(),
  /** Findings it is about, as far as they are there and unanswered; the first is what a click opens. */
  keys: z.array(z.string()).min(1),
  /** What to press first. */
  remedy: Remedy.nullable(),
})
export type Alert = z.infer<typeof Alert>
