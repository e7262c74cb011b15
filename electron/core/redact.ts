// Takes secrets out of anything that leaves this machine; names of recordings and paths too, where asked.
import { isSecretField } from '../contract/secrets/key-names.ts'
import { findKnown } from '../contract/secrets/known-text.ts'
import { MASK } from '../contract/secrets/mask.ts'
import { maskKnown } from '../contract/secrets/mask-text.ts'

export interface RedactOptions {
  /** Values that must not come out, wherever they stand. */
  readonly secrets: readonly string[]
  readonly anonymous: boolean
}

const WINDOWS_PATH = /(?<![a-z])(?:[a-z]:|\\\\[^\\\s"'<>|]{1,100})\\[^"'<>|\r\n,;]{1,400}/gi
const POSIX_PATH = /(?<![\w/:.<])\/(?:[^\s/"'<>|]{1,200}\/)+[^\s/"'<>|,;)]{1,200}/g
const MEDIA =
  /[^\s"'“”‘’/\\<>|:;,()]{1,200}\.(m4a|mp3|mp4|wav|ogg|oga|opus|flac|aac|wma|webm|mkv|mov|avi|amr|3gp|m4b)\b/gi
/** Dates and numbers: nobody's name. */
const NUMBERS = /^[\d:.TZ-]*$/
/** A name of a letter or two stands in every word. */
const SHORTEST = 3

/** The same value with every string and key made safe. Never throws. */
export function redact<T>(value: T, options: RedactOptions): T {
  const known = findKnown(options.secrets)
  const names = options.anonymous ? standIns(value) : null
  // The same words stand in a bundle thousands of times.
  const done = new Map<string, string>()
  const safe = (text: string) => {
    const before = done.get(text)
    if (before !== undefined) return before
    const open = maskKnown(text, known)
    const after = names === null || NUMBERS.test(open) ? open : nameless(open, names)
    done.set(text, after)
    return after
  }
  return walk(value, '', safe) as T
}

function walk(value: unknown, key: string, safe: (text: string) => string): unknown {
  if (typeof value === 'string') return isSecretField(key, value) && value !== '' ? MASK : safe(value)
  if (Array.isArray(value)) return value.map((one) => walk(one, key, safe))
  if (typeof value !== 'object' || value === null) return value
  const entry = isEnvEntry(value) ? hiddenEntry(value) : value
  return Object.fromEntries(Object.entries(entry).map(([name, one]) => [safe(name), walk(one, name, safe)]))
}

interface EnvLike {
  readonly value: string | null
  readonly secret: boolean
  readonly meaning: string | null
  readonly running: readonly { readonly value: string | null }[]
}

function isEnvEntry(value: object): value is EnvLike {
  return 'secret' in value && 'meaning' in value && 'running' in value && 'value' in value
}

/** Only what Unjam knows the meaning of is told: a time limit explains an incident, another program's key does not. */
function hiddenEntry(entry: EnvLike): EnvLike {
  if (entry.meaning !== null && !entry.secret) return entry
  const hidden = (value: string | null) => (value === null || value === '' ? value : MASK)
  return {
    ...entry,
    value: hidden(entry.value),
    running: entry.running.map((one) => ({ ...one, value: hidden(one.value) })),
  }
}

interface StandIns {
  readonly of: ReadonlyMap<string, string>
  /** Any of the names, the longest first; null where there are none. */
  readonly any: RegExp | null
}

/** Titles of jobs and what findings make of them; each gets the same name wherever it stands. */
function standIns(value: unknown): StandIns {
  const titles = new Set<string>()
  const look = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return
    if ('title' in one && 'audioMs' in one && typeof one.title === 'string') titles.add(one.title)
    for (const part of Object.values(one)) look(part)
  }
  look(value)
  const of = new Map<string, string>()
  for (const [index, title] of [...titles].entries()) {
    const [, stem = title, end = ''] = /^(.*?)(\.[a-z0-9]{2,4})?$/is.exec(title) ?? []
    const instead = `recording-${index + 1}`
    of.set(title, `${instead}${end}`)
    for (const short of [stem, stem.replace(/(\d)_\d{6}_\d{6}$/, '$1')])
      if (short.trim().length >= SHORTEST && !of.has(short)) of.set(short, instead)
  }
  const longest = [...of.keys()].toSorted((a, b) => b.length - a.length).map(literal)
  return { of, any: longest.length === 0 ? null : new RegExp(longest.join('|'), 'g') }
}

const literal = (name: string) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** In one pass: a stand-in is never taken for a name itself. */
function nameless(text: string, { of, any }: StandIns): string {
  const whole = of.get(text)
  if (whole !== undefined) return whole
  const marked = text.replace(WINDOWS_PATH, hiddenPath).replace(POSIX_PATH, hiddenPath)
  const named = any === null ? marked : marked.replace(any, (name) => of.get(name) ?? name)
  return named.replace(MEDIA, (file, end) => (/^recording-\d+\./.test(file) ? file : `recording.${end}`))
}

function hiddenPath(path: string): string {
  const [, end = ''] = /(\.[a-z0-9]{1,5})$/i.exec(path) ?? []
  return `…/file${end}`
}
