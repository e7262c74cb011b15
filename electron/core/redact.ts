// Takes secrets out of anything that leaves this machine; names of recordings and paths too, where asked.
import { MASK } from './env-mask.ts'

export interface RedactOptions {
  /** Values that must not come out, wherever they stand. */
  readonly secrets: readonly string[]
  readonly anonymous: boolean
}

const SECRET_KEY = /pass(word|wd|phrase)?$|(^|[_-])token$|^token|secret$|authorization|cookie|api_?key|private_?key/i
/** As in `POSTGRES_PASSWORD=…` or `"token": "…"` inside a line of a log. */
const ASSIGNED =
  /((?:[\w.-]{0,60}(?:PASSW|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)[\w.-]{0,40}|\bPWD|\bPASS)["']?\s{0,3}[=:]\s{0,3})("[^"\n]{1,500}"|'[^'\n]{1,500}'|[^\s"',;&)]{1,500})/gi
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi
// scheme://user:password@ and scheme://token@, up to the last @; host:port/… is no password.
const URL_USER = /([a-z][a-z0-9+.-]{0,30}:\/\/)(?!\d{1,5}\/)([^\s"'<>/]{1,500}|[^\s"'<>]{1,500}:[^\s"'<>]{1,500})@/gi
const QUERY = /([?&](?:[\w-]{0,30}(?:password|token|secret|key|signature|sig))=)([^\s"'&#]{1,2000})/gi
const WINDOWS_PATH = /(?<![a-z])(?:[a-z]:|\\\\[^\\\s"'<>|]{1,100})\\[^"'<>|\r\n,;]{1,400}/gi
const POSIX_PATH = /(?<![\w/:.<])\/(?:[^\s/"'<>|]{1,200}\/)+[^\s/"'<>|,;)]{1,200}/g
const MEDIA =
  /[^\s"'“”‘’/\\<>|:;,()]{1,200}\.(m4a|mp3|mp4|wav|ogg|oga|opus|flac|aac|wma|webm|mkv|mov|avi|amr|3gp|m4b)\b/gi
/** A secret of a letter or two would blot out half of every line and hide nothing. */
const SHORTEST = 3

/** The same value with every string and key made safe. Never throws. */
export function redact<T>(value: T, options: RedactOptions): T {
  const secrets = [...new Set(options.secrets.flatMap(writings))]
    .filter((one) => one.length >= SHORTEST && one !== MASK)
    .toSorted((a, b) => b.length - a.length)
  const names = options.anonymous ? namesIn(value) : []
  const safe = (text: string) => {
    const open = cleaned(secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text))
    return options.anonymous ? nameless(open, names) : open
  }
  return walk(value, '', safe) as T
}

/** As it stands, as a URL writes it, and as JSON does. */
function writings(secret: string): string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]
}

function cleaned(text: string): string {
  return text
    .replace(URL_USER, `$1${MASK}@`)
    .replace(QUERY, `$1${MASK}`)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(ASSIGNED, `$1${MASK}`)
}

function walk(value: unknown, key: string, safe: (text: string) => string): unknown {
  if (typeof value === 'string') return SECRET_KEY.test(key) && value !== '' ? MASK : safe(value)
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

/** Titles of jobs and what findings make of them, longest first; each gets the same name wherever it stands. */
function namesIn(value: unknown): [name: string, instead: string][] {
  const titles = new Set<string>()
  const look = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return
    if ('title' in one && 'audioMs' in one && typeof one.title === 'string') titles.add(one.title)
    for (const part of Object.values(one)) look(part)
  }
  look(value)
  return [...titles]
    .flatMap((title, index): [string, string][] => {
      const [, stem = title, end = ''] = /^(.*?)(\.[a-z0-9]{2,4})?$/is.exec(title) ?? []
      const instead = `recording ${index + 1}`
      const short = stem.replace(/(\d)_\d{6}_\d{6}$/, '$1')
      return [[title, `${instead}${end}`], ...[stem, short].map((one): [string, string] => [one, instead])]
    })
    .filter(([name]) => name.trim().length >= SHORTEST)
    .toSorted(([a], [b]) => b.length - a.length)
}

function nameless(text: string, names: readonly (readonly [string, string])[]): string {
  const marked = text.replace(WINDOWS_PATH, hiddenPath).replace(POSIX_PATH, hiddenPath)
  return names.reduce((rest, [name, instead]) => rest.replaceAll(name, instead), marked).replace(MEDIA, 'recording.$1')
}

function hiddenPath(path: string): string {
  const [, end = ''] = /(\.[a-z0-9]{1,5})$/i.exec(path) ?? []
  return `…/file${end}`
}
