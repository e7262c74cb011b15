// Every call a window, a browser, a script or a command can make: one table, served over every link.
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { ActionInfo, ActionRequest, Preview, Receipt } from './action.ts'
import { Discovery, MappingProposal, PartCheck, RunsProposal } from './connecting.ts'
import { CatalogModel, Check, HostInfo, LogPage, ModelResult } from './host.ts'
import { AddReport, JobDetail, JobPage, JobQuery, Segment, SystemId, TranscriptFormat } from './job.ts'
import { call, none } from './procedure.ts'
import { automations } from './procedures-automations.ts'
import { findings } from './procedures-findings.ts'
import { history } from './procedures-history.ts'
import { proof } from './procedures-proof.ts'
import { queues } from './procedures-queues.ts'
import { samples } from './procedures-samples.ts'
import { RunTree, RunTreeQuery } from './run-tree.ts'
import { EnvView, ServiceLogPage, ServiceLogQuery } from './service.ts'
import { Settings, SettingsPatch, SystemSettings } from './settings.ts'
import { LiveEvent, Snapshot } from './snapshot.ts'
import { JobLedgers } from './task.ts'

const jobRef = z.object({ system: SystemId, id: z.string() })

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
    ledgers: call
      .route({
        method: 'GET',
        path: '/jobs/{system}/{id}/ledgers',
        summary: 'The job in the broker, the workers and past attempts; null where the system has no broker',
        tags: ['jobs'],
      })
      .input(jobRef)
      .output(JobLedgers.nullable()),
    runs: call
      .route({
        method: 'GET',
        path: '/runs',
        summary: 'Crawl runs that have not ended, as a tree',
        tags: ['jobs'],
      })
      .input(RunTreeQuery)
      .output(RunTree),
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
  findings,
  automations,
  history,
  proof,
  queues,
  stack: {
    logs: call
      .route({ method: 'GET', path: '/logs', summary: 'Lines after `cursor`; pulled, never pushed', tags: ['stack'] })
      .input(ServiceLogQuery)
      .output(ServiceLogPage),
    env: call
      .route({ method: 'GET', path: '/env', summary: 'The .env of a stack, secrets masked', tags: ['stack'] })
      .input(z.object({ system: SystemId }))
      .output(EnvView),
    reveal: call
      .route({ method: 'POST', path: '/env/reveal', summary: 'One value of .env, unmasked', tags: ['stack'] })
      .input(z.object({ system: SystemId, key: z.string().min(1).max(200) }))
      .output(z.object({ value: z.string().nullable() })),
  },
  systems: {
    discover: call
      .route({ method: 'GET', path: '/systems/discover', summary: 'Compose projects that run here', tags: ['systems'] })
      .input(z.object({ docker: z.string().optional() }))
      .output(z.array(Discovery)),
    test: call
      .route({ method: 'POST', path: '/systems/test', summary: 'Tries each part of a draft', tags: ['systems'] })
      .input(z.object({ system: SystemSettings }))
      .output(z.array(PartCheck)),
    mapping: call
      .route({ method: 'POST', path: '/systems/mapping', summary: 'Tables that look like jobs', tags: ['systems'] })
      .input(z.object({ database: z.string().min(1), system: SystemId.nullish() }))
      .output(z.array(MappingProposal)),
    runsMapping: call
      .route({
        method: 'POST',
        path: '/systems/runs-mapping',
        summary: 'Tables that look like crawl runs',
        tags: ['systems'],
      })
      .input(z.object({ database: z.string().min(1), system: SystemId.nullish() }))
      .output(z.array(RunsProposal)),
    save: call
      .route({
        method: 'PUT',
        path: '/systems',
        summary: 'Adds or replaces a system; passwords move to the secret store',
        tags: ['systems'],
      })
      .input(z.object({ system: SystemSettings, replaces: SystemId.nullish() }))
      .output(Settings),
    remove: call
      .route({
        method: 'DELETE',
        path: '/systems/{id}',
        summary: 'Unjam no longer watches it; nothing of it is touched',
        tags: ['systems'],
      })
      .input(z.object({ id: SystemId }))
      .output(Settings),
  },
  samples,
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
