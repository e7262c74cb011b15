// What a verdict rests on: the ledgers side by side, and what each time limit would do to the jobs there are.
import * as z from 'zod'
import { Speed } from './forecast.ts'
import { SystemId } from './job.ts'

/** How long the jobs of one state are; `over` counts those longer than each length that was asked about. */
export const StateLengths = z.object({
  state: z.enum(['queued', 'running', 'failed']),
  jobs: z.number().int(),
  /** Jobs whose length nobody stored: in no other number here. */
  unknown: z.number().int(),
  longestMs: z.number().nullable(),
  over: z.array(z.number().int()),
})
export type StateLengths = z.infer<typeof StateLengths>

const PerState = z.object({ queued: z.number().int(), running: z.number().int(), failed: z.number().int() })

/** One value of TASK_TIMEOUT_SECONDS and what would become of the jobs. */
export const LimitChoice = z.object({
  /** null is no limit. */
  seconds: z.number().nullable(),
  /** In force now. */
  current: z.boolean(),
  /** Jobs that would not fit at the median speed; null while no speed is known. */
  kills: PerState.nullable(),
  /** Further jobs that would not fit at the slow end of what is expected. */
  risks: PerState.nullable(),
})
export type LimitChoice = z.infer<typeof LimitChoice>

/** One job as a point: its audio against the time it took, or would need where it was never done. */
export const JobPoint = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['done', 'running', 'failed']),
  audioMs: z.number(),
  wallMs: z.number(),
})
export type JobPoint = z.infer<typeof JobPoint>

export const LimitReport = z.object({
  system: SystemId,
  speed: Speed.nullable(),
  /** Now in force; null: none. */
  currentSeconds: z.number().nullable(),
  states: z.array(StateLengths.omit({ over: true })),
  choices: z.array(LimitChoice),
  advice: z.object({ seconds: z.number().nullable(), sentence: z.string(), cap: z.string() }),
  points: z.array(JobPoint),
})
export type LimitReport = z.infer<typeof LimitReport>

const JobName = z.object({ id: z.string(), title: z.string().nullable() })

/** Where ledgers disagree about several jobs, as one sentence. */
export const Discrepancy = z.object({
  kind: z.enum([
    'queued-without-message',
    'leftover-message',
    'message-of-running',
    'message-of-nothing',
    'several-messages',
    'running-without-worker',
    'runs-unrecorded',
    'running-twice',
  ]),
  sentence: z.string(),
  count: z.number().int(),
  /** At most 20 of them. */
  jobs: z.array(JobName),
})
export type Discrepancy = z.infer<typeof Discrepancy>

export const LedgerNumber = z.object({
  ledger: z.enum(['database', 'broker', 'workers', 'attempts']),
  label: z.string(),
  /** null is unknown. */
  value: z.number().nullable(),
})
export type LedgerNumber = z.infer<typeof LedgerNumber>

export const Reconciliation = z.object({
  system: SystemId,
  numbers: z.array(LedgerNumber),
  /** What was compared and agrees. */
  agreements: z.array(z.string()),
  discrepancies: z.array(Discrepancy),
  /** Flower's failed attempts beside the database's failed jobs; null: the attempts cannot be read. */
  attempts: z
    .object({
      failedAttempts: z.number().int(),
      failedJobs: z.number().int().nullable(),
      sentence: z.string(),
      /** Jobs by their failed attempts, most first, at most 50. */
      jobs: z.array(JobName.extend({ attempts: z.number().int(), state: z.string().nullable() })),
      unnamed: z.number().int(),
    })
    .nullable(),
  /** Why a ledger could not be read, or was read in part: what that could explain is not said. */
  unread: z.array(z.string()),
})
export type Reconciliation = z.infer<typeof Reconciliation>
