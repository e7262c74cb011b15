// A diagnosed cause with its evidence, what is not the cause, and what to press.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { SystemId } from './job.ts'

export const RuleId = z.enum([
  'long-job-holds-worker',
  'nothing-finishing',
  'heartbeat-stale',
  'timeout-below-duration',
  'timeout-not-needed',
  'error-masked-by-retries',
  'failed-together',
  'worker-log-errors',
  'periodic-pile-up',
  'two-schedulers',
  'duplicate-messages',
  'attempts-vs-jobs',
  'results-never-expire',
  'queue-database-mismatch',
  'beat-silent',
  'visibility-timeout',
  'queue-without-consumer',
  'worker-not-consuming',
  'worker-unreachable',
  'env-not-applied',
  'run-overdue',
  'run-never-started',
  'parent-not-finalized',
  'run-prevention',
  'qc-stage-stuck',
  'auto-recovery-dead',
  'dependency-unhealthy',
  'service-unhealthy',
  'out-of-memory',
  'host-low',
  'engine-needs-login',
  'no-worker',
  'no-model',
  'source-unreachable',
  'interrupted-operation',
  'rule-failed',
])
export type RuleId = z.infer<typeof RuleId>

export const Severity = z.enum(['info', 'warning', 'critical'])
export type Severity = z.infer<typeof Severity>

export const Evidence = z.object({
  label: z.string(),
  /** Already in the operator's words, with its unit; "unknown: …" when it could not be read. */
  value: z.string(),
  /** Which source said so: database, worker, history, settings. */
  source: z.string(),
  at: Instant,
})
export type Evidence = z.infer<typeof Evidence>

/** An action with its parameters filled in, as a finding offers it. */
export const Remedy = z.object({
  action: z.string(),
  /** Verb and object: "Start the worker". */
  label: z.string(),
  ids: z.array(z.string()).nullable(),
  params: z.record(z.string(), z.string()),
  /** What it will bring, with numbers; shown below the button. */
  effect: z.string().nullable(),
})
export type Remedy = z.infer<typeof Remedy>

/** A place in the app rather than an action: the model list, a job, the settings, the finding's own system in them. */
export const Place = z.object({
  view: z.enum(['models', 'settings', 'worker', 'jobs', 'job', 'queues', 'stack', 'proof', 'system', 'automation']),
  label: z.string(),
  job: z.string().nullable(),
})
export type Place = z.infer<typeof Place>

/** What has become of a finding since it appeared, and what a person has said to it. */
export const FindingLife = z.object({
  /** Its last change of severity or words: when, and what it was before. Growing numbers are not a change. */
  changed: z.object({ at: Instant, severity: Severity, headline: z.string() }).nullable(),
  acknowledged: z.object({ at: Instant, by: z.string() }).nullable(),
  /** Alerts stay quiet until then; the finding stays on the screen. */
  snoozedUntil: Instant.nullable(),
})
export type FindingLife = z.infer<typeof FindingLife>

export const Finding = z.object({
  /** Stable while the same cause lasts: rule, system and subject. */
  key: z.string(),
  rule: RuleId,
  severity: Severity,
  system: SystemId,
  /** One or two sentences of at most 14 words, cause before consequence. */
  headline: z.string(),
  /** What is true now and when it ends. */
  explanation: z.string(),
  since: Instant,
  evidence: z.array(Evidence),
  /** What is not wrong: saves more time at 3 a.m. than a second chart. */
  notTheCause: z.array(z.string()),
  /** Where else to look and whom to ask, as the system's settings say. */
  hints: z.array(z.string()).optional(),
  remedies: z.array(Remedy),
  places: z.array(Place),
  /** Absent as a rule has just said it; everything that leaves the monitor has one. */
  life: FindingLife.optional(),
})
export type Finding = z.infer<typeof Finding>
