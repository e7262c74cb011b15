// settings.json: what Unjam watches and how its own worker runs. Unknown keys are kept (DESIGN §8).
import * as z from 'zod'
import { SystemId } from './job.ts'
import { RecordingsTable } from './worker-protocol.ts'

/** `env:NAME`, `secret:NAME`, or the value itself; a URL with a password is masked wherever it is shown. */
export const Secret = z.string().min(1)

const url = (protocols: readonly string[]) =>
  Secret.refine(
    (s) => s.startsWith('env:') || s.startsWith('secret:') || protocols.some((p) => s.startsWith(`${p}://`)),
    {
      message: `must be env:NAME, secret:NAME, or a URL beginning with ${protocols.map((p) => `${p}://`).join(' or ')}`,
    },
  )
const postgres = url(['postgres', 'postgresql'])
const redis = url(['redis', 'rediss'])
const http = url(['http', 'https'])

const stack = z.looseObject({ project: z.string().optional(), docker: z.string().optional() })

export const SystemSettings = z.discriminatedUnion('kind', [
  z.looseObject({ id: SystemId, kind: z.literal('local') }),
  z.looseObject({
    id: SystemId,
    kind: z.literal('recordings'),
    database: postgres,
    broker: redis.optional(),
    results: redis.optional(),
    api: http.optional(),
    table: RecordingsTable.prefault({}),
    stack: stack.optional(),
    envFile: z.string().optional(),
  }),
  z.looseObject({
    id: SystemId,
    kind: z.literal('crawl'),
    database: postgres,
    broker: redis.optional(),
    results: redis.optional(),
    tables: z.looseObject({}).optional(),
    stack: stack.optional(),
  }),
  z.looseObject({ id: SystemId, kind: z.literal('qc'), url: http, token: Secret }),
])
export type SystemSettings = z.output<typeof SystemSettings>

/** How the local worker runs. Every null means: chosen by Unjam, or no limit. */
export const WorkerSettings = z.looseObject({
  startWithApp: z.boolean().default(true),
  slots: z.number().int().min(1).max(64).nullable().default(null),
  threads: z.number().int().min(1).max(256).nullable().default(null),
  /** A file name in the model folder, or an absolute path. */
  model: z.string().nullable().default(null),
  language: z.string().max(20).default('auto'),
  chunkMinutes: z.number().min(1).max(120).default(10),
  taskTimeoutSeconds: z.number().int().positive().nullable().default(null),
  maxRetries: z.number().int().min(0).max(20).default(3),
  maxDurationMinutes: z.number().positive().nullable().default(null),
  overMaxDuration: z.enum(['skip', 'fail']).default('skip'),
})
export type WorkerSettings = z.output<typeof WorkerSettings>

export const Settings = z
  .looseObject({
    /** Absent or empty: the local system alone. */
    systems: z.array(SystemSettings).default([]),
    worker: WorkerSettings.prefault({}),
    heartbeatLimitMinutes: z.number().positive().default(15),
    theme: z.enum(['system', 'light', 'dark']).default('system'),
  })
  .superRefine((settings, context) => {
    const seen = new Set<string>()
    for (const { id } of settings.systems) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: ['systems'], message: `two systems are called "${id}"` })
      seen.add(id)
    }
  })
export type Settings = z.output<typeof Settings>

/** What the Settings screen may change; systems are edited as a whole list. */
export const SettingsPatch = z.object({
  worker: WorkerSettings.partial().optional(),
  heartbeatLimitMinutes: z.number().positive().optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
})
export type SettingsPatch = z.output<typeof SettingsPatch>
