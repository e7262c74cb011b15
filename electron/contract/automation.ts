// Actions that Unjam takes by itself: when, how much at most, and what came of it. Off until somebody switches one on.
import * as z from 'zod'
import { ActionId, Preview } from './action.ts'
import { Instant } from './failure.ts'
import { RuleId } from './finding.ts'
import { SystemId } from './job.ts'
import { WallTime } from './wall-time.ts'

export const AutomationTrigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('every'), minutes: z.number().int().min(1).max(10_080) }),
  z.object({ kind: z.literal('daily'), at: WallTime }),
  /** While such a finding stands for so long; its own jobs are meant, where it names some. */
  z.object({
    kind: z.literal('finding'),
    rule: RuleId,
    lastsMinutes: z.number().min(0).max(10_080).default(0),
  }),
])
export type AutomationTrigger = z.output<typeof AutomationTrigger>

export const AutomationLimits = z.object({
  /** Nothing is done when the preview counts more: that is no clean-up any more, somebody should look. */
  onlyUpTo: z.number().int().min(1).max(10_000).default(20),
  /** Of the jobs that a finding names, at most so many in one run. */
  perRun: z.number().int().min(1).max(10_000).default(20),
  /** From one run's begin to the next one's. */
  minMinutesBetween: z.number().int().min(1).max(10_080).default(10),
})
export type AutomationLimits = z.output<typeof AutomationLimits>

export const Automation = z.looseObject({
  /** Its identity, and who its receipts say has done it: "automation: NAME". */
  name: z.string().trim().min(1).max(60),
  enabled: z.boolean().default(false),
  system: SystemId,
  action: ActionId,
  params: z.record(z.string(), z.string()).default({}),
  when: AutomationTrigger,
  limits: AutomationLimits.prefault({}),
  /** Consent to an action that cannot be taken back. */
  allowDestructive: z.boolean().default(false),
})
export type Automation = z.output<typeof Automation>

/** One run, or a row of tries that were skipped for the same reason. */
export const AutomationRun = z.object({
  id: z.string(),
  name: z.string(),
  at: Instant,
  /** The last of the tries, and how many there were. */
  lastAt: Instant,
  times: z.number().int(),
  /** `nothing`: it ran and there was nothing to do · `skipped`: it was due and was not allowed to, or could not look. */
  outcome: z.enum(['running', 'done', 'partly', 'nothing', 'skipped', 'failed']),
  sentence: z.string(),
  receipt: z.string().nullable(),
})
export type AutomationRun = z.infer<typeof AutomationRun>

export const AutomationState = z.object({
  automation: Automation,
  running: z.boolean(),
  /** When it is due next, where that is known; and the same as a sentence. */
  next: z.object({ at: Instant.nullable(), sentence: z.string() }),
  /** The latest first. */
  runs: z.array(AutomationRun),
})
export type AutomationState = z.infer<typeof AutomationState>

/** What it would do at this moment if it ran now. */
export const AutomationForecast = z.object({
  would: z.enum(['act', 'nothing', 'skip']),
  sentence: z.string(),
  preview: Preview.nullable(),
})
export type AutomationForecast = z.infer<typeof AutomationForecast>
