// Passwords inside URLs, also where the URL is malformed because they are not percent-encoded.
import type { Span } from './mask.ts'
import { isTokenLike } from './random-value.ts'

const SCHEME = /[a-z][a-z0-9+.-]{0,30}:\/\//gi
/** Longest URL that is searched, so that a long text costs time in proportion to its length. */
const MOST = 2000
/** Their addresses have no user. */
const NO_USER = /^(file|app|npipe|data|blob)$/i
/** Where an @ in a path means nothing: `https://host/@scope/name`, `http://host:7300/mail/a@b`. */
const WEB = /^(https?|wss?)$/i
/** Parameters of database URLs that may hold an @ themselves. */
const QUERY =
  /\?(?:user|username|email|host|hostaddr|options|application_name|service|target_session_attrs|ssl\w*|db|virtual_host)=/i
/** Only the name of a variable, which gives nothing away. */
const VARIABLE = /^\$(?:\w+|\{\w+(?::?\?[^}]*)?\})$/

/** Where the userinfo of a URL stands that begins with `scheme://` at 0; null where it has none. */
export interface Userinfo {
  /** Of user and password together. */
  readonly from: number
  /** Where the password begins, behind the colon; null without one. */
  readonly password: number | null
  /** The `@` behind it. */
  readonly at: number
}

/** As the person who wrote it meant it: a password may hold `/`, `?`, `#` and `@` as they are. */
export function userinfoOf(url: string): Userinfo | null {
  const scheme = /^[a-z][a-z0-9+.-]{0,30}(?=:\/\/)/i.exec(url)?.[0]
  if (scheme === undefined || NO_USER.test(scheme)) return null
  const from = scheme.length + 3
  const at = endOfUser(scheme, url.slice(from)) + from
  if (at < from) return null
  const colon = url.indexOf(':', from)
  const password = colon >= 0 && colon < at ? colon + 1 : null
  // A path that happens to hold an @, as in s3://bucket/key@2.
  if (password === null && /[/?#]/.test(url.slice(from, at))) return null
  return { from, password, at }
}

/** Secrets in every URL of a text. `whole`: the text is one value, so its URL may hold blanks and quotes. */
export function urlSpans(text: string, whole: boolean): Span[] {
  if (!text.includes('://')) return []
  const spans: Span[] = []
  const pattern = new RegExp(SCHEME)
  let nextAt = text.indexOf('@')
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (nextAt >= 0 && nextAt < match.index) nextAt = text.indexOf('@', match.index)
    if (nextAt < 0) return spans
    if (nextAt - match.index > MOST) continue
    const ends = whole && match.index < 6 ? LIST : text[match.index - 1] === "'" ? IN_QUOTES : IN_TEXT
    const url = cut(text.slice(match.index, match.index + MOST), ends)
    const info = userinfoOf(url)
    if (info === null) continue
    const { from, password, at } = info
    const secret = { from: match.index + (password ?? from), to: match.index + at }
    const written = text.slice(secret.from, secret.to)
    if (VARIABLE.test(written)) continue
    if (password !== null || isTokenLike(written)) spans.push(secret)
    pattern.lastIndex = match.index + at
  }
  return spans
}

/** Lists of URLs are separated by a comma or semicolon. */
const LIST = /[,;|][a-z][a-z0-9+.-]{0,30}:\/\//i
const IN_TEXT = /[\s"<>`]|[,;|][a-z][a-z0-9+.-]{0,30}:\/\//i
const IN_QUOTES = /[\s"'<>`]|[,;|][a-z][a-z0-9+.-]{0,30}:\/\//i

function cut(text: string, ends: RegExp): string {
  const end = text.search(ends)
  return end < 0 ? text : text.slice(0, end)
}

/** The @ that ends user and password; below 0 where there is none. */
function endOfUser(scheme: string, rest: string): number {
  const path = rest.search(/[/?#]/)
  const authority = path < 0 ? rest : rest.slice(0, path)
  if (WEB.test(scheme)) {
    const inside = authority.lastIndexOf('@')
    if (inside >= 0) return inside
    // host or host:port, and the path has its own @.
    if (/^(\[[^\]]*\]|[^:]*)(:\d{0,5})?$/.test(authority)) return -1
    return rest.lastIndexOf('@')
  }
  const query = rest.search(QUERY)
  return (query < 0 ? rest : rest.slice(0, query)).lastIndexOf('@')
}
