// Every call a window, a browser, a script or a command can make: one table, served over every link.
import { eventIterator, oc } from '@orpc/contract'
import * as z from 'zod'
import { ActionInfo, ActionRequest, Preview, Receipt } from './action.ts'
import { Failure } from './failure.ts'
import { CatalogModel, Check, HostInfo, LogPage, ModelResult } from './host.ts'
import { AddReport, JobDetail, JobPage, JobQuery, Segment, SystemId, TranscriptFormat } from './job.ts'
import { Settings, SettingsPatch } from './settings.ts'
import { LiveEvent, Snapshot } from './snapshot.ts'

/** Every procedure may answer with this one typed error; its data says what to do. */
const failed = { FAILED: { status: 422, message: 'Unjam could not do that', data: Failure } }
const call = oc.errors(failed)

const jobRef = z.object({ system: SystemId, id: z.string() })
const none = z.object({})

export const contract = {
  live: call
    .route({ method: 'GET', path: '/live', summary: 'One snapshot, then numbered changes', tags: ['live'] })
    .output(eventIterator(LiveEvent)),
  snapshot: call
    .route({ method: 'GET', path: '/snapshot', summary: 'All readings of this moment', tags: ['live'] })
    .input(none.optional())
    .output(Snapshot),
  jobs: {
    page: call
      .route({ method: 'GET', path: '/jobs', summary: 'One page of jobs in one state', tags: ['jobs'] })
      .input(JobQuery)
      .output(JobPage),
    detail: call
      .route({ method: 'GET', path: '/jobs/{system}/{id}', tags: ['jobs'] })
      .input(jobRef)
      .output(JobDetail),
    transcript: call
      .route({
        method: 'GET',
        path: '/jobs/{system}/{id}/transcript',
        summary: 'Segments from number `from` on',
        tags: ['jobs'],
      })
      .input(
        jobRef.extend({
          from: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(2000).default(500),
        }),
      )
      .output(z.object({ segments: z.array(Segment), next: z.number().int().nullable() })),
    export: call
      .route({ method: 'GET', path: '/jobs/{system}/{id}/export', tags: ['jobs'] })
      .input(jobRef.extend({ format: TranscriptFormat }))
      .output(z.object({ fileName: z.string(), mimeType: z.string(), text: z.string() })),
    add: call
      .route({ method: 'POST', path: '/jobs', summary: 'Add files and folders of this machine', tags: ['jobs'] })
      .input(z.object({ system: SystemId.default('local'), paths: z.array(z.string().min(1)).min(1).max(10_000) }))
      .output(AddReport),
  },
  actions: {
    list: call
      .route({ method: 'GET', path: '/actions', tags: ['actions'] })
      .input(z.object({ system: SystemId }))
      .output(z.array(ActionInfo)),
    preview: call
      .route({ method: 'POST', path: '/actions/preview', tags: ['actions'] })
      .input(ActionRequest)
      .output(Preview),
    execute: call
      .route({
        method: 'POST',
        path: '/actions/execute',
        summary: 'Refused as stale when the fingerprint no longer matches',
        tags: ['actions'],
      })
      .input(z.object({ request: ActionRequest, fingerprint: z.string() }))
      .output(Receipt),
  },
  receipts: {
    list: call
      .route({ method: 'GET', path: '/receipts', tags: ['actions'] })
      .input(z.object({ limit: z.coerce.number().int().min(1).max(500).default(100), before: z.string().nullish() }))
      .output(z.array(Receipt)),
    undo: call
      .route({ method: 'POST', path: '/receipts/{id}/undo', tags: ['actions'] })
      .input(z.object({ id: z.string() }))
      .output(Receipt),
  },
  worker: {
    log: call
      .route({
        method: 'GET',
        path: '/worker/log',
        summary: 'Lines after `cursor`; pulled, never pushed',
        tags: ['worker'],
      })
      .input(
        z.object({
          cursor: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
      )
      .output(LogPage),
  },
  models: {
    list: call
      .route({ method: 'GET', path: '/models', tags: ['models'] })
      .input(none.optional())
      .output(z.array(CatalogModel)),
    download: call
      .route({
        method: 'POST',
        path: '/models/{name}/download',
        summary: 'Starts it; progress is part of the snapshot',
        tags: ['models'],
      })
      .input(z.object({ name: z.string() }))
      .output(z.object({ started: z.boolean() })),
    cancelDownload: call
      .route({ method: 'POST', path: '/models/cancel-download', tags: ['models'] })
      .input(none.optional())
      .output(z.object({ stopped: z.boolean() })),
    import: call
      .route({ method: 'POST', path: '/models/import', tags: ['models'] })
      .input(z.object({ path: z.string().min(1) }))
      .output(ModelResult),
    select: call
      .route({ method: 'POST', path: '/models/select', tags: ['models'] })
      .input(z.object({ fileName: z.string().min(1) }))
      .output(ModelResult),
  },
  settings: {
    get: call
      .route({ method: 'GET', path: '/settings', summary: 'Secrets are masked', tags: ['settings'] })
      .input(none.optional())
      .output(Settings),
    update: call
      .route({ method: 'PATCH', path: '/settings', tags: ['settings'] })
      .input(SettingsPatch)
      .output(Settings),
  },
  host: {
    info: call
      .route({ method: 'GET', path: '/host', tags: ['host'] })
      .input(none.optional())
      .output(HostInfo),
    doctor: call
      .route({ method: 'GET', path: '/host/doctor', tags: ['host'] })
      .input(none.optional())
      .output(z.array(Check)),
    buildEngine: call
      .route({
        method: 'POST',
        path: '/host/build-engine',
        summary: 'Builds whisper.cpp; progress is part of the snapshot',
        tags: ['host'],
      })
      .input(none.optional())
      .output(z.object({ started: z.boolean() })),
  },
}
export type Contract = typeof contract
