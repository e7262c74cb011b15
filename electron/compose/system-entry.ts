// One system as settings.json holds it: short where it says what everybody assumes, and nothing unknown is lost.
import { isDeepStrictEqual } from 'node:util'
import { SystemSettings } from '../contract/settings.ts'

/** What a form may leave out on purpose: absent in the new one means gone. */
const KNOWN = new Set([
  ...[
    'id',
    'kind',
    'database',
    'broker',
    'results',
    'celery',
    'api',
    'table',
    'tables',
    'taskTimeoutSeconds',
    'stack',
    'envFile',
    'folders',
    'url',
    'token',
    'texts',
  ],
])

export function idOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'id') : undefined
}

/** Keys of the old entry that this version does not know. */
export function keptFrom(entry: unknown): Record<string, unknown> {
  if (typeof entry !== 'object' || entry === null) return {}
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !KNOWN.has(key)))
}

type Short = 'celery' | 'table' | 'tables' | 'taskTimeoutSeconds' | 'texts'

/** Without the values that a missing key means as well: a table as in the runbooks needs no forty lines. */
export function entryOf(system: SystemSettings): Record<string, unknown> {
  const { celery, table, tables, taskTimeoutSeconds, texts, ...rest } = system as SystemSettings &
    Partial<Record<Short, unknown>>
  const usual = SystemSettings.parse({ id: 'x', kind: system.kind, database: 'env:X', url: 'env:X', token: 'env:X' })
  const changed = (key: Short, value: unknown) =>
    value === undefined || isDeepStrictEqual(value, Reflect.get(usual, key)) ? {} : { [key]: value }
  return {
    ...rest,
    ...changed('celery', celery),
    ...changed('table', table),
    ...changed('tables', tables),
    ...changed('taskTimeoutSeconds', taskTimeoutSeconds),
    ...changed('texts', texts),
  }
}
