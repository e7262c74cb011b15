// Which job a task works on, from its arguments or from their printed form, as the settings say where to look.
import type { CelerySettings } from '../../../contract/settings.ts'
import { isRecord, type Plain } from './python-text.ts'

export type JobPlace = Pick<CelerySettings, 'jobTask' | 'jobArgument'>

/** The same task is registered under different module paths in different deployments: its last name decides. */
export function isJobTask({ jobTask }: JobPlace, task: string): boolean {
  return task === jobTask || lastName(task) === lastName(jobTask)
}

export function lastName(task: string): string {
  return task.slice(task.lastIndexOf('.') + 1)
}

/** From real arguments, or from their repr; null for tasks that work on no job. */
export function jobOf(
  place: JobPlace,
  { name, args, kwargs }: { name: string | null; args?: unknown; kwargs?: unknown },
): string | null {
  if (name === null || !isJobTask(place, name)) return null
  if (typeof args === 'string') return jobOfReprs(place, args, typeof kwargs === 'string' ? kwargs : '{}')
  // Replies were read from JSON: what is an array or an object in them is plain.
  return (
    jobOfArguments(place, Array.isArray(args) ? (args as Plain[]) : [], isRecord(kwargs) ? kwargs : {})?.job ?? null
  )
}

/** Job id as text, and what the arguments say beside it (`''` when nothing): other arguments are other work. */
export function jobOfArguments(
  place: JobPlace,
  args: readonly Plain[],
  kwargs: { readonly [name: string]: Plain },
): { job: string; beside: string } | null {
  const { index, name } = place.jobArgument
  const positional = args.length > index
  const job = textOf(positional ? args[index] : kwargs[name])
  if (job === null) return null
  if (args.length <= 1 && (positional ? args.length === 1 && isEmpty(kwargs) : onlyKey(kwargs)))
    return { job, beside: '' }
  const rest = positional ? [args.toSpliced(index, 1), kwargs] : [args, { ...kwargs, [name]: null }]
  return { job, beside: JSON.stringify(rest, (_, value) => (typeof value === 'bigint' ? String(value) : value)) }
}

/** From `argsrepr` and `kwargsrepr`: `(42,)`, `[42]` of beat, `('abc',)`, `{'recording_id': 42}`. A hint: apps may override it. */
export function jobOfReprs(place: JobPlace, argsrepr: string, kwargsrepr: string): string | null {
  const { index, name } = place.jobArgument
  const positional = literal(elements(argsrepr)[index] ?? '')
  if (positional !== null) return positional
  const named = elements(kwargsrepr).find((member) => member.startsWith(`'${name}': `))
  return named === undefined ? null : literal(named.slice(name.length + 4))
}

function textOf(value: Plain | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : null
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}

function onlyKey(record: object): boolean {
  let keys = 0
  for (const _ in record) if (++keys > 1) return false
  return keys === 1
}

/** Top-level elements of a printed list, tuple or dict; one that is cut off is left out. Linear, never throws. */
function elements(repr: string): string[] {
  const text = repr.trim()
  if (!/^[([{]/.test(text)) return []
  const found: string[] = []
  let depth = 1
  let start = 1
  const take = (end: number) => {
    const element = text.slice(start, end).trim()
    if (element !== '') found.push(element)
    start = end + 1
  }
  for (let at = 1; at < text.length && depth > 0; at++) {
    const c = text[at]
    if (c === "'" || c === '"') {
      for (at++; at < text.length && text[at] !== c; at++) if (text[at] === '\\') at++
    } else if (c === '(' || c === '[' || c === '{') depth++
    else if (c === ')' || c === ']' || c === '}') {
      if (--depth === 0) take(at)
    } else if (c === ',' && depth === 1) take(at)
  }
  return found
}

/** A printed number, string or UUID; null for anything else. */
function literal(text: string): string | null {
  if (/^-?\d+$/.test(text)) return text
  const inner = /^(?:UUID\()?(['"])(.+)\1\)?$/s.exec(text)?.[2]
  return inner === undefined || inner.endsWith('...') ? null : inner.replace(/\\(.)/gs, '$1')
}
