// The form of a system as plain text fields: from settings and back, with a sentence for each field that is wrong.
import type { PartName } from '../electron/contract/connecting.ts'
import type { SystemSettings } from '../electron/contract/settings.ts'
import type { RecordingsTable } from '../electron/contract/worker-protocol.ts'
import type { Client } from './client.ts'

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
  | 'keyPrefix'
  | 'defaultQueue'
  | 'jobQueue'
  | 'jobTask'
  | 'enqueueTask'
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
  ],
  crawl: [id, database, broker, results, project, docker],
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
  keyPrefix: '',
  defaultQueue: '',
  jobQueue: '',
  jobTask: '',
  enqueueTask: '',
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
  if (system.kind === 'crawl') return { kind: 'crawl', fields, table: null, rest: { ...system } }
  const own = { ...fields, api: system.api ?? '', envFile: system.envFile ?? '' }
  return { kind: 'recordings', fields: own, table: system.table, rest: { ...system } }
}

export type SystemInput = Parameters<Client['systems']['save']>[0]['system']

/** What is sent: optional parts that are empty are absent, never empty strings. */
export function systemOf({ kind, fields, table, rest }: SystemDraft): SystemInput {
  const { id: name, url, token } = fields
  if (kind === 'qc') return { ...rest, id: name, kind, url, token }
  const given = <K extends string>(key: K, value: string) => (value === '' ? {} : { [key]: value })
  const { broker: _b, results: _r, api: _a, envFile: _e, stack: oldStack, celery: oldCelery, ...kept } = rest
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
  if (kind === 'crawl') return { ...common, kind }
  return {
    ...common,
    kind,
    ...given('api', fields.api),
    ...given('envFile', fields.envFile),
    ...(table === null ? {} : { table }),
  }
}

function isCeleryName(key: string): boolean {
  return celeryNames.some((name) => name === key)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** By field, what is wrong with it; the contract's own rules, as sentences (contract/settings.ts). */
export function wrongIn(draft: SystemDraft, taken: readonly string[]): Partial<Record<FieldName, string>> {
  const wrong: Partial<Record<FieldName, string>> = {}
  for (const { name, title, needed, begins } of formFields[draft.kind]) {
    const text = draft.fields[name]
    const named = text.startsWith('env:') || text.startsWith('secret:')
    if (text === '') wrong[name] = needed ? `${title} is needed.` : ''
    else if (begins !== undefined && !named && !begins.some((one) => text.startsWith(one)))
      wrong[name] = `It begins with ${begins.join(' or ')}, or is env:NAME.`
  }
  const { id: name } = draft.fields
  if (name !== '' && !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) wrong.id = 'Lower-case letters, digits and dashes.'
  else if (taken.includes(name)) wrong.id = 'Another system has this name.'
  return Object.fromEntries(Object.entries(wrong).filter(([, sentence]) => sentence !== ''))
}

/**
 * What can be tried of a draft now: an optional field that is wrong keeps no other part from being tried. A configured
 * system is tried under its own name, by which the core finds the password that the mask stands for.
 */
export function trialOf(
  draft: SystemDraft,
  wrong: ReturnType<typeof wrongIn>,
  edited: string | null,
): SystemDraft | null {
  const fields = { ...draft.fields, id: edited ?? (wrong.id === undefined ? draft.fields.id : 'draft') }
  for (const { name, needed } of formFields[draft.kind]) {
    if (name === 'id' || wrong[name] === undefined) continue
    if (needed) return null
    fields[name] = ''
  }
  return { ...draft, fields }
}

/** The first thing that keeps a draft from being saved, with the field it is about. */
export function firstWrong(draft: SystemDraft, wrong: ReturnType<typeof wrongIn>): string | null {
  const first = formFields[draft.kind].find(({ name }) => wrong[name] !== undefined)
  if (first === undefined) return null
  const sentence = wrong[first.name] ?? ''
  return sentence.startsWith(first.title) ? sentence : `${first.title}: ${sentence}`
}
