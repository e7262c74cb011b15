// settings.json: what Unjam watches and how its own worker runs. Unknown keys are kept (DESIGN §8).
import * as z from 'zod'
import { Automation } from './automation.ts'
import { CrawlTables } from './crawl-tables.ts'
import { SystemId } from './job.ts'
import { QcTexts } from './qc-texts.ts'
import { WallTime } from './wall-time.ts'
import { RecordingsTable, SharedFolder } from './worker-protocol.ts'

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

/** `docker`: an endpoint (npipe://, unix://, tcp://, ssh://) or `context:NAME`; absent: as the docker CLI would find it. */
const stack = z.looseObject({ project: z.string().optional(), docker: z.string().optional() })

/** How to read this Celery app's messages; defaults are the runbooks'. */
const celery = z.looseObject({
  /** `broker_transport_options.global_keyprefix`: before every key and channel. */
  keyPrefix: z.string().default(''),
  resultKeyPrefix: z.string().default(''),
  /** The queue that purge means when none is named. */
  defaultQueue: z.string().default('celery'),
  /** Where a job's own message goes; the default queue when not named. */
  jobQueue: z.string().optional(),
  /** The task that works on one job, and where its arguments name the job. */
  jobTask: z.string().default('app.worker.tasks.process_recording'),
  jobArgument: z
    .object({ index: z.number().int().min(0).default(0), name: z.string().default('recording_id') })
    .prefault({}),
  /** The periodic task that refills the queue from the database, and its interval. */
  enqueueTask: z.string().default('app.worker.tasks.enqueue_pending_recordings'),
  enqueueSeconds: z.number().positive().default(120),
  /** Redis over TLS: a CA file, or no verification at all. */
  tls: z.looseObject({ ca: z.string().optional(), rejectUnauthorized: z.boolean().default(true) }).optional(),
})
export type CelerySettings = z.output<typeof celery>

/** Runbook 3: `crawl_source(source_id, crawl_job_id=…)` over the queues `default` and `crawl`. */
const crawlCelery = celery.extend({
  defaultQueue: celery.shape.defaultQueue.unwrap().default('default'),
  jobTask: celery.shape.jobTask.unwrap().default('apps.sources.tasks.crawl_source'),
  jobArgument: z
    .object({ index: z.number().int().min(0).default(1), name: z.string().default('crawl_job_id') })
    .prefault({}),
  jobQueue: z.string().default('crawl'),
})

export const SystemSettings = z.discriminatedUnion('kind', [
  z.looseObject({ id: SystemId, kind: z.literal('local') }),
  z.looseObject({
    id: SystemId,
    kind: z.literal('recordings'),
    database: postgres,
    broker: redis.optional(),
    results: redis.optional(),
    celery: celery.prefault({}),
    api: http.optional(),
    table: RecordingsTable.prefault({}),
    stack: stack.optional(),
    envFile: z.string().optional(),
    /** Where files of the rows are on this machine; what the worker's container has mounted is known without it. */
    folders: z.array(SharedFolder).optional(),
  }),
  z.looseObject({
    id: SystemId,
    kind: z.literal('crawl'),
    database: postgres,
    broker: redis.optional(),
    results: redis.optional(),
    celery: crawlCelery.prefault({}),
    tables: CrawlTables.prefault({}),
    /** `time_limit` of its tasks (runbook 3, "Task timeouts"); null when they have none. */
    taskTimeoutSeconds: z.number().positive().nullable().default(600),
    stack: stack.optional(),
  }),
  z.looseObject({ id: SystemId, kind: z.literal('qc'), url: http, token: Secret, texts: QcTexts.prefault({}) }),
])
export type SystemSettings = z.output<typeof SystemSettings>

const workerFields = {
  startWithApp: z.boolean(),
  slots: z.number().int().min(1).max(64).nullable(),
  threads: z.number().int().min(1).max(256).nullable(),
  /** A file name in the model folder, or an absolute path. */
  model: z.string().nullable(),
  language: z.string().max(20),
  chunkMinutes: z.number().min(1).max(120),
  taskTimeoutSeconds: z.number().int().positive().nullable(),
  maxRetries: z.number().int().min(0).max(20),
  maxDurationMinutes: z.number().positive().nullable(),
  overMaxDuration: z.enum(['skip', 'fail']),
}

/** How the local worker runs. Every null means: chosen by Unjam, or no limit. */
export const WorkerSettings = z.looseObject({
  startWithApp: workerFields.startWithApp.default(true),
  slots: workerFields.slots.default(null),
  threads: workerFields.threads.default(null),
  model: workerFields.model.default(null),
  language: workerFields.language.default('auto'),
  chunkMinutes: workerFields.chunkMinutes.default(10),
  taskTimeoutSeconds: workerFields.taskTimeoutSeconds.default(null),
  maxRetries: workerFields.maxRetries.default(3),
  maxDurationMinutes: workerFields.maxDurationMinutes.default(null),
  overMaxDuration: workerFields.overMaxDuration.default('skip'),
})
export type WorkerSettings = z.output<typeof WorkerSettings>

/** No alert is said in between, over midnight when `from` is later; the wall clock is that of the core's machine. */
export const QuietHours = z.object({ from: WallTime, to: WallTime })
export type QuietHours = z.infer<typeof QuietHours>

export const Settings = z
  .looseObject({
    /** Absent or empty: the local system alone. */
    systems: z.array(SystemSettings).default([]),
    worker: WorkerSettings.prefault({}),
    heartbeatLimitMinutes: z.number().positive().default(15),
    theme: z.enum(['system', 'light', 'dark']).default('system'),
    alerts: z.looseObject({ quietHours: QuietHours.nullable().default(null) }).prefault({}),
    automations: z.array(Automation).default([]),
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
  // From the fields without defaults: a default in a patch would overwrite what the patch does not name.
  worker: z.looseObject(workerFields).partial().optional(),
  heartbeatLimitMinutes: z.number().positive().optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
  alerts: z.looseObject({ quietHours: QuietHours.nullable() }).partial().optional(),
  /** The whole list. */
  automations: z.array(Automation).max(100).optional(),
})
export type SettingsPatch = z.output<typeof SettingsPatch>
