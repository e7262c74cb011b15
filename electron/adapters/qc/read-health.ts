// GET /api/health/full: what the service leans on, whether it is listed by name at the top or in `services`.
import type { Counts, Dependency } from '../../contract/snapshot.ts'
import { type Fields, fieldsOf, pick, text } from './answer.ts'
import { countsOf } from './read-counts.ts'

export interface Health {
  readonly dependencies: readonly Dependency[]
  /** Of `qc_worker.details`: all jobs, where the debug endpoint counts only the latest. */
  readonly counts: Counts | null
}

const MOST = 50
const MOST_DETAIL = 200
/** Words that servers use for the states; any other is unknown, which is not down. */
const words: readonly [Dependency['state'], readonly string[]][] = [
  ['ok', ['ok', 'healthy', 'up', 'pass', 'passing', 'connected', 'operational', 'true']],
  ['degraded', ['degraded', 'warning', 'warn', 'slow', 'partial']],
  [
    'down',
    [
      'error',
      'down',
      'unhealthy',
      'fail',
      'failed',
      'failing',
      'critical',
      'expired',
      'disconnected',
      'offline',
      'false',
    ],
  ],
]

/** null when nothing in it is a dependency. */
export function readHealth(json: unknown): Health | null {
  const top = fieldsOf(json)
  if (top === null) return null
  const listed = entriesOf(top).slice(0, MOST)
  if (listed.length === 0) return null
  const worker = listed.find(({ name }) => name === 'qc_worker')?.fields
  return {
    dependencies: listed.map(({ name, fields }) => dependency(name, fields)),
    counts: worker === undefined ? null : countsOf(pick(worker, 'details')),
  }
}

function entriesOf(top: Fields): { name: string; fields: Fields }[] {
  const inside = pick(top, 'services', 'dependencies', 'checks')
  if (Array.isArray(inside))
    return inside.flatMap((one: unknown) => {
      const fields = fieldsOf(one)
      const name = fields === null ? null : text(pick(fields, 'name', 'service', 'id'))
      return fields === null || name === null ? [] : [{ name, fields }]
    })
  return Object.entries(fieldsOf(inside) ?? top).flatMap(([name, value]) => {
    // `{"groq_api": "ok"}` inside a list of services is one too; at the top it is any word.
    const fields = fieldsOf(value) ?? (inside !== undefined && typeof value === 'string' ? { status: value } : null)
    return fields === null || pick(fields, 'status', 'state', 'ok', 'healthy') === undefined ? [] : [{ name, fields }]
  })
}

function dependency(name: string, fields: Fields): Dependency {
  const detail = detailOf(fields)
  const said = String(pick(fields, 'status', 'state', 'ok', 'healthy') ?? '').toLowerCase()
  const state = words.find(([, some]) => some.includes(said))?.[0] ?? 'unknown'
  // A service that is left out on purpose is reported as an error by some.
  const optional = detail !== null && /not configured \(optional\)/i.test(detail)
  return { name, state: optional ? 'unknown' : state, detail }
}

function detailOf(fields: Fields): string | null {
  const message = text(pick(fields, 'message', 'error', 'reason', 'detail'))
  const details = pick(fields, 'details')
  const numbers = Object.entries(fieldsOf(details) ?? {}).flatMap(([key, value]) =>
    typeof value === 'number' ? [`${value} ${key.replaceAll('_', ' ')}`] : [],
  )
  const said = [message ?? text(details), numbers.length === 0 ? null : numbers.slice(0, 6).join(', ')]
  const all = said.filter((part) => part !== null).join('; ')
  return all === '' ? null : all.slice(0, MOST_DETAIL)
}
