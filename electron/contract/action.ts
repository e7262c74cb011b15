// What can be done, what it would do, what it did: the values every button, menu and command renders.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { SystemId } from './job.ts'

export const ActionId = z.enum([
  'retry-jobs',
  'skip-jobs',
  'fail-jobs',
  'release-jobs',
  'cancel-job',
  'remove-jobs',
  'add-files',
  'start-worker',
  'stop-worker',
  'pause-worker',
  'configure-worker',
  'enqueue-now',
  'pause-queue',
  'resume-queue',
  'deduplicate-queue',
  'collapse-periodic',
  'purge-queue',
  'revoke-task',
  'resize-pool',
  'unhang-worker',
  'start-service',
  'restart-service',
  'stop-service',
  'scale-service',
  'set-env',
  'create-stack',
  'take-over-job',
  'finalize-parent',
  'trigger-worker',
  'cancel-stuck',
])
export type ActionId = z.infer<typeof ActionId>

export const Risk = z.enum(['safe', 'disruptive', 'destructive'])
export type Risk = z.infer<typeof Risk>

export const ActionInfo = z.object({
  id: ActionId,
  /** Verb and object, without "…". */
  title: z.string(),
  /** What its ids name: jobs, queues, workers, tasks or services; `system` takes none. */
  target: z.enum(['jobs', 'system', 'queue', 'worker', 'task', 'service']),
  risk: Risk,
  /** Why it cannot be done here and now, as a sentence; null when it can. */
  blocked: z.string().nullable(),
})
export type ActionInfo = z.infer<typeof ActionInfo>

export const ActionRequest = z.object({
  action: ActionId,
  system: SystemId,
  /** Chosen jobs, queues, workers, tasks or services; `'all'` is every one the action applies to; system actions ignore it. */
  target: z.union([z.literal('all'), z.array(z.string()).min(1).max(10_000)]).default('all'),
  params: z.record(z.string(), z.string()).default({}),
})
export type ActionRequest = z.output<typeof ActionRequest>

export const Sample = z.object({ id: z.string(), title: z.string(), note: z.string() })
export type Sample = z.infer<typeof Sample>

/** One line of a change to a file; secrets are masked. */
export const DiffLine = z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() })
export type DiffLine = z.infer<typeof DiffLine>

/** Numbers behind the summary: messages by task, services by effect. The bar is drawn from `share` (0–1). */
export const PreviewTable = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.object({ cells: z.array(z.string()), share: z.number().nullable() })),
})
export type PreviewTable = z.infer<typeof PreviewTable>

export const Preview = z.object({
  action: ActionId,
  system: SystemId,
  title: z.string(),
  /** What will happen, in one or two sentences. */
  summary: z.string(),
  count: z.number().int(),
  sample: z.array(Sample),
  notTouched: z.array(z.string()),
  /** What it will not solve, or what else will happen: each a sentence. */
  know: z.array(z.string()),
  table: PreviewTable.nullable(),
  diff: z.array(DiffLine).nullable(),
  /** The literal SQL or command, shown and copyable. */
  command: z.string().nullable(),
  risk: Risk,
  undoable: z.boolean(),
  /** How undo works, or why there is none. */
  undo: z.string(),
  /** The confirm button: repeats the act and the count. */
  confirm: z.string(),
  /** Of the frozen set; execute refuses when it no longer matches. */
  fingerprint: z.string(),
})
export type Preview = z.infer<typeof Preview>

/** Something promised that the receipt waits for: the refill of a purged queue within 2 minutes (runbook 2). */
export const Watch = z.object({
  state: z.enum(['watching', 'came', 'missed']),
  until: Instant,
  sentence: z.string(),
})
export type Watch = z.infer<typeof Watch>

export const Receipt = z.object({
  id: z.string(),
  action: ActionId,
  system: SystemId,
  title: z.string(),
  summary: z.string(),
  at: Instant,
  actor: z.string(),
  count: z.number().int(),
  previewed: z.number().int(),
  /** Frozen items that could not be written, each with its reason. */
  left: z.array(z.object({ id: z.string(), because: z.string() })),
  undoable: z.boolean(),
  watch: Watch.nullable().default(null),
  undone: z
    .object({
      at: Instant,
      actor: z.string(),
      restored: z.number().int(),
      left: z.array(z.object({ id: z.string(), because: z.string() })),
    })
    .nullable(),
})
export type Receipt = z.infer<typeof Receipt>
