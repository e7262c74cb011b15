// Which column of an unknown table is which, by name and type: a guess that a person confirms.
import type { RecordingsTable } from '../../contract/worker-protocol.ts'

export interface SeenColumn {
  readonly name: string
  /** As SQL: `timestamp without time zone`, `character varying(20)`. */
  readonly type: string
  /** pg_type.typcategory: S text, N number, D time, T interval, E enum, B boolean, U other (uuid). */
  readonly category: string
  readonly labels: readonly string[] | null
  readonly primary: boolean
  readonly default: string | null
}

type Role = keyof RecordingsTable['columns']
export type Columns = RecordingsTable['columns']

interface Rule {
  readonly role: Role
  readonly categories: string
  /** Best first; compared with the lower-case name, its parts joined by `_`. */
  readonly names: readonly RegExp[]
}

/** In this order: a column that one role has taken is no other's. */
const rules: readonly Rule[] = [
  {
    role: 'status',
    categories: 'SE',
    names: [/^status$/, /^(job_?|the_|processing_|transcription_)?(status|state)$/, /status|state|stage|phase/],
  },
  {
    role: 'path',
    categories: 'S',
    names: [/^file_?path$/, /path$/, /(^|_)(uri|url|location|storage_key|object_key|s3_key)$/],
  },
  {
    role: 'title',
    categories: 'S',
    names: [/^file_?name$/, /^(original_)?(file_?)?(name|title)$/, /file_?name|title|subject/, /name$|^label$/],
  },
  {
    role: 'duration',
    categories: 'NT',
    names: [/^duration(_seconds|_secs|_s)?$/, /duration|(^|_)length(_|$)|(^|_)(seconds|secs)$/],
  },
  { role: 'retryCount', categories: 'N', names: [/^retry_count$/, /retr(y|ies)|(^|_)(attempts?|tries)(_|$)/] },
  {
    role: 'error',
    categories: 'S',
    names: [/^error(_message|_msg|_text)?$/, /error|failure|exception|fail_reason/, /(^|_)(why|reason)(_|$)/],
  },
  {
    role: 'heartbeat',
    categories: 'D',
    names: [/heart_?beat|(^|_)beat(_|$)/, /^updated(_at|_on)?$/, /updated|modified|changed|last_?seen|last_?activity/],
  },
  {
    role: 'createdAt',
    categories: 'D',
    names: [/^created(_at|_on)?$/, /created|inserted|(^|_)(added|made|uploaded|received|submitted|queued)(_|$)/],
  },
  { role: 'startedAt', categories: 'D', names: [/^started(_at|_on)?$/, /started|begun|began|(^|_)start(_|$)/] },
  {
    role: 'completedAt',
    categories: 'D',
    names: [/^completed(_at|_on)?$/, /completed|finished|(^|_)(ended|end|done|processed|transcribed)(_|$)/],
  },
  { role: 'transcript', categories: 'S', names: [/^transcript(ion)?(_text)?$/, /transcript/] },
]

export interface Guess {
  readonly columns: Columns
  /** 0–1: how many of the expected columns were found. */
  readonly fit: number
  readonly reasons: readonly string[]
}

/** `TheState`, `The State`, `job-status` → words joined by `_`. */
const plain = (name: string) =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')

/** Null when it is no table of jobs: without an id, a status, or a time of its last change. */
export function guessColumns(seen: readonly SeenColumn[]): Guess | null {
  const taken = new Set<SeenColumn>()
  const found = new Map<Role, SeenColumn>()
  const id = idOf(seen)
  if (id === null) return null
  taken.add(id)
  for (const { role, categories, names } of rules) {
    const column = best(
      seen.filter((one) => !taken.has(one) && categories.includes(one.category)),
      names,
    )
    if (column === undefined) continue
    taken.add(column)
    found.set(role, column)
  }
  const status = found.get('status')
  const heartbeat = found.get('heartbeat') ?? found.get('createdAt')
  if (status === undefined || heartbeat === undefined) return null

  const reasons: string[] = []
  const duration = found.get('duration')
  const unit = duration === undefined ? null : wrongUnit(duration)
  if (unit !== null) {
    reasons.push(unit)
    found.delete('duration')
  }
  const created = found.get('createdAt')
  if (found.get('heartbeat') === undefined)
    reasons.push(`no column tells the last change: ${heartbeat.name} stands in, so a stuck job cannot be told`)
  if (created === undefined) reasons.push(`no column tells when a job was made: ${heartbeat.name} stands in`)
  const title = found.get('title') ?? found.get('path')
  if (title === undefined) reasons.push(`no column holds a file name: ${id.name} is shown`)
  else if (!found.has('title')) reasons.push(`no column holds a file name: ${title.name} is shown`)
  const named = (role: Role) => found.get(role)?.name ?? null
  const optional = ['path', 'duration', 'retryCount', 'error', 'startedAt', 'completedAt', 'transcript'] as const
  return {
    columns: {
      id: id.name,
      status: status.name,
      title: (title ?? id).name,
      path: named('path'),
      duration: named('duration'),
      retryCount: named('retryCount'),
      error: named('error'),
      heartbeat: heartbeat.name,
      createdAt: (created ?? heartbeat).name,
      startedAt: named('startedAt'),
      completedAt: named('completedAt'),
      transcript: named('transcript'),
    },
    fit: (1 + found.size) / (rules.length + 1),
    reasons: [...reasons, ...missing(optional.filter((role) => !found.has(role)))],
  }
}

/** The primary key when it is one column, else what is called like an id. */
export function idOf(seen: readonly SeenColumn[]): SeenColumn | null {
  const fits = (column: SeenColumn) => column.type === 'uuid' || 'SN'.includes(column.category)
  const keys = seen.filter(({ primary }) => primary)
  const [key] = keys
  if (keys.length === 1 && key !== undefined) return fits(key) ? key : null
  return best(seen.filter(fits), [/^id$/, /^(uuid|guid)$/, /^(recording|job|file|call)_?(id|uuid)$/]) ?? null
}

export function best(columns: readonly SeenColumn[], names: readonly RegExp[]): SeenColumn | undefined {
  for (const name of names) {
    const found = columns.find((column) => name.test(plain(column.name)))
    if (found !== undefined) return found
  }
  return undefined
}

/** A duration must be a number of seconds; anything else would be wrong by a thousand, so it is not used. */
function wrongUnit({ name, type, category }: SeenColumn): string | null {
  if (category === 'T') return `${name} is an ${type}; Unjam reads a number of seconds, so lengths stay unknown`
  if (/(^|_)(ms|msec|millis|milliseconds)(_|$)/.test(plain(name)))
    return `${name} is in milliseconds; Unjam reads seconds, so lengths stay unknown`
  return /(^|_)(min|mins|minutes|hours)(_|$)/.test(plain(name))
    ? `${name} is not in seconds, so lengths stay unknown`
    : null
}

const meanings: Readonly<Partial<Record<Role, string>>> = {
  path: 'the file',
  duration: 'the length',
  retryCount: 'the retries',
  error: 'the error',
  startedAt: 'the start',
  completedAt: 'the end',
  transcript: 'the transcript',
}

function missing(roles: readonly Role[]): string[] {
  return roles.length === 0 ? [] : [`no column found for ${roles.map((role) => meanings[role] ?? role).join(', ')}`]
}
