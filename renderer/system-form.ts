// The form of a system as plain text fields: from settings and back.
import type { PartName } from '../electron/contract/connecting.ts'
import type { SystemSettings } from '../electron/contract/settings.ts'
import type { RecordingsTable } from '../electron/contract/worker-protocol.ts'
import type { Client } from './client.ts'
import { foldersIn, folderText } from './folder-text.ts'

export type FormKind = 'recordings' | 'crawl' | 'qc'
export type FieldName =
  | 'id'
  | 'database'
  | 'broker'
  | 'results'
  | 'api'
  | 'project'
  | 'docker'
  | 'envFile'
  | 'folders'
  | 'keyPrefix'
  | 'defaultQueue'
  | 'jobQueue'
  | 'jobTask'
  | 'enqueueTask'
  | 'timeLimit'
  | 'url'
  | 'token'

export interface SystemDraft {
  readonly kind: FormKind
  readonly fields: Readonly<Record<FieldName, string>>
  /** null: as in the runbooks. */
  readonly table: RecordingsTable | null
  /** What the settings hold beside the fields of the form; kept as it is. */
  readonly rest: Readonly<Record<string, unknown>>
}

export interface FormField {
  readonly name: FieldName
  readonly title: string
  readonly hint: string
  readonly needed: boolean
  /** A URL hides its password, a token itself as a whole. */
  readonly secret: 'url' | 'whole' | null
  /** Which parts say beside it how it went. */
  readonly parts: readonly PartName[]
  readonly begins?: readonly string[]
}

const field = (name: FieldName, title: string, hint: string, more: Partial<FormField> = {}): FormField => ({
  name,
  title,
  hint,
  needed: false,
  secret: null,
  parts: [],
  ...more,
})

const id = field('id', 'Name', 'calls', { needed: true })
const database = field('database', 'Database', 'postgresql://user:password@host:5432/name', {
  needed: true,
  secret: 'url',
  parts: ['database', 'table'],
  begins: ['postgres://', 'postgresql://'],
})
const redis = { secret: 'url', begins: ['redis://', 'rediss://'] } as const
const broker = field('broker', 'Broker', 'redis://host:6379/0', { ...redis, parts: ['broker'] })
const results = field('results', 'Results', 'the broker’s own', { ...redis, parts: ['results'] })
const project = field('project', 'Compose project', 'app', { parts: ['stack'] })
const docker = field('docker', 'Docker', 'as the docker command finds it')

export const formFields: Readonly<Record<FormKind, readonly FormField[]>> = {
  recordings: [
    id,
    database,
    broker,
    results,
    field('api', 'Queue API', 'http://host:8000', { secret: 'url', parts: ['api'], begins: ['http://', 'https://'] }),
    project,
    docker,
    field('envFile', '.env', 'C:\\app\\.env', { parts: ['envFile'] }),
    field('folders', 'Recordings', '/recordings = C:\\app\\recordings'),
  ],
  crawl: [id, database, broker, results, project, docker, field('timeLimit', 'Time limit', '600 seconds, or none')],
  qc: [
    id,
    field('url', 'API', 'http://host:8000', {
      needed: true,
      secret: 'url',
      parts: ['api'],
      begins: ['http://', 'https://'],
    }),
    field('token', 'Token', 'bearer token', { needed: true, secret: 'whole', parts: ['token'] }),
  ],
}

const keyPrefix = field('keyPrefix', 'Key prefix', 'none')

/** How this app names its queues and tasks; empty is as in the runbooks, which the hints say. */
export const celeryFields: Readonly<Record<Exclude<FormKind, 'qc'>, readonly FormField[]>> = {
  recordings: [
    field('defaultQueue', 'Queue', 'celery'),
    keyPrefix,
    field('jobTask', 'Task of a job', 'app.worker.tasks.process_recording'),
    field('enqueueTask', 'Enqueuer', 'app.worker.tasks.enqueue_pending_recordings'),
  ],
  crawl: [
    field('defaultQueue', 'Queue', 'default'),
    field('jobQueue', 'Queue of runs', 'crawl'),
    keyPrefix,
    field('jobTask', 'Task of a run', 'apps.sources.tasks.crawl_source'),
  ],
}
const celeryNames = ['keyPrefix', 'defaultQueue', 'jobQueue', 'jobTask', 'enqueueTask'] as const

const empty: SystemDraft['fields'] = {
  id: '',
  database: '',
  broker: '',
  results: '',
  api: '',
  project: '',
  docker: '',
  envFile: '',
  folders: '',
  keyPrefix: '',
  defaultQueue: '',
  jobQueue: '',
  jobTask: '',
  enqueueTask: '',
  timeLimit: '',
  url: '',
  token: '',
}

export const blankDraft = (kind: FormKind): SystemDraft => ({ kind, fields: empty, table: null, rest: {} })

export function draftOf(system: SystemSettings): SystemDraft | null {
  if (system.kind === 'local') return null
  if (system.kind === 'qc') {
    const { id: name, kind, url, token, ...rest } = system
    return { kind, fields: { ...empty, id: name, url, token }, table: null, rest }
  }
  const { celery, stack } = system
  const fields = {
    ...empty,
    id: system.id,
    database: system.database,
    broker: system.broker ?? '',
    results: system.results ?? '',
    project: stack?.project ?? '',
    docker: stack?.docker ?? '',
    keyPrefix: celery.keyPrefix,
    defaultQueue: celery.defaultQueue,
    jobQueue: celery.jobQueue ?? '',
    jobTask: celery.jobTask,
    enqueueTask: celery.enqueueTask,
  }
  if (system.kind === 'crawl') {
    const { taskTimeoutSeconds, ...rest } = system
    return { kind: 'crawl', fields: { ...fields, timeLimit: `${taskTimeoutSeconds ?? 'none'}` }, table: null, rest }
  }
  const own = {
    ...fields,
    api: system.api ?? '',
    envFile: system.envFile ?? '',
    folders: folderText(system.folders ?? []),
  }
  return { kind: 'recordings', fields: own, table: system.table, rest: { ...system } }
}

export type SystemInput = Parameters<Client['systems']['save']>[0]['system']

/** What is sent: optional parts that are empty are absent, never empty strings. */
export function systemOf({ kind, fields, table, rest }: SystemDraft): SystemInput {
  const { id: name, url, token } = fields
  if (kind === 'qc') return { ...rest, id: name, kind, url, token }
  const given = <K extends string>(key: K, value: string) => (value === '' ? {} : { [key]: value })
  const {
    broker: _b,
    results: _r,
    api: _a,
    envFile: _e,
    folders: _f,
    stack: oldStack,
    celery: oldCelery,
    ...kept
  } = rest
  const otherCelery = Object.entries(isObject(oldCelery) ? oldCelery : {}).filter(([key]) => !isCeleryName(key))
  const celery = {
    ...Object.fromEntries(otherCelery),
    ...Object.assign({}, ...celeryNames.map((key) => given(key, fields[key]))),
  }
  const { project: _p, docker: _d, ...otherStack } = isObject(oldStack) ? oldStack : {}
  const stack = { ...otherStack, ...given('project', fields.project), ...given('docker', fields.docker) }
  const common = {
    ...kept,
    id: name,
    database: fields.database,
    ...given('broker', fields.broker),
    ...given('results', fields.results),
    celery,
    ...(fields.project === '' && fields.docker === '' ? {} : { stack }),
  }
  if (kind === 'crawl') return { ...common, kind, ...timeLimitIn(fields.timeLimit) }
  const folders = foldersIn(fields.folders) ?? []
  return {
    ...common,
    kind,
    ...given('api', fields.api),
    ...given('envFile', fields.envFile),
    ...(folders.length === 0 ? {} : { folders }),
    ...(table === null ? {} : { table }),
  }
}

/** `time_limit` of the tasks as it is typed: empty is the runbook's, none is none; null for what is neither. */
export function timeLimitIn(text: string): { taskTimeoutSeconds?: number | null } | null {
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/\s*(s|seconds)$/, '')
  if (typed === '') return {}
  if (typed === 'none') return { taskTimeoutSeconds: null }
  const seconds = Number(typed)
  return Number.isFinite(seconds) && seconds > 0 ? { taskTimeoutSeconds: seconds } : null
}

function isCeleryName(key: string): boolean {
  return celeryNames.some((name) => name === key)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
