// The documents of DESIGN §8 as scripts rely on them, stated apart from the code that makes them.
import * as z from 'zod'

const count = z.number().int().nonnegative().nullable()
const at = z.iso.datetime()

export const FindingShape = z.object({
  rule: z.string().regex(/^[a-z-]+$/),
  severity: z.enum(['info', 'warning', 'critical']),
  system: z.string(),
  headline: z.string().min(1),
  evidence: z.array(z.object({ label: z.string(), value: z.string(), source: z.string(), at })),
  actions: z.array(z.object({ action: z.string(), params: z.record(z.string(), z.string()) })),
})

export const StatusShape = z.object({
  systems: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['local', 'recordings', 'crawl', 'qc']),
      counts: z.object({ queued: count, running: count, done: count, failed: count, skipped: count }),
      queues: z
        .array(z.object({ name: z.string(), messages: z.number().int(), unacked: z.number().int().nullable() }))
        .nullable(),
      workers: z.array(z.object({ name: z.string(), state: z.string(), beatAt: at.nullable() })).nullable(),
      findings: z.array(FindingShape),
    }),
  ),
})

export const JobsShape = z.object({
  jobs: z.array(
    z.looseObject({
      id: z.string().min(1),
      title: z.string().min(1),
      state: z.enum(['queued', 'running', 'done', 'failed', 'skipped']),
      createdAt: at.nullable(),
    }),
  ),
  cursor: z.string().nullable(),
})

export const DiagnoseShape = z.object({
  findings: z.array(FindingShape),
  systems: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      counts: z.object({ queued: count, running: count, done: count, failed: count, skipped: count }),
    }),
  ),
})

export const PreviewShape = z.looseObject({
  action: z.string(),
  count: z.number().int().nonnegative(),
  sample: z.array(z.looseObject({ id: z.string(), title: z.string() })),
  undoable: z.boolean(),
  fingerprint: z.string().min(8),
})

export const ReceiptShape = z.looseObject({
  id: z.string().min(1),
  action: z.string(),
  count: z.number().int().nonnegative(),
  undoable: z.boolean(),
  at,
})

export const AddShape = z.object({
  added: z.array(z.object({ id: z.string(), title: z.string(), path: z.string() })),
  duplicates: z.array(z.object({ id: z.string(), title: z.string(), path: z.string() })),
  refused: z.array(z.object({ path: z.string(), because: z.string() })),
})

export const FailureShape = z.object({
  failure: z.object({
    kind: z.string(),
    tried: z.string(),
    on: z.string(),
    because: z.string(),
    remedy: z.string().nullable(),
  }),
})
