// Values that look like generated secrets: high entropy or the make-up of a password, and the many things that only look so.

/** Prefixes by which issuers mark their tokens, and what follows them. */
export const TOKEN_PREFIXES: readonly string[] = [
  'gh[pousr]_\\w{6,}',
  'github_pat_\\w{6,}',
  'gl(?:pat|dt|ft|rt|cbt|ptt|soat)-[\\w.-]{8,}',
  'xox[abeoprs]-[\\w-]{6,}',
  'xapp-[\\w-]{6,}',
  '(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{12,}',
  'sk-[\\w-]{12,}',
  '(?:sk|rk|pk)_(?:live|test)_\\w{8,}',
  'whsec_[\\w+/=]{8,}',
  'gsk_\\w{6,}',
  'hf_\\w{12,}',
  'AIza[\\w-]{16,}',
  'ya29\\.[\\w.-]{8,}',
  'npm_\\w{16,}',
  'pypi-[\\w-]{16,}',
  'dop_v1_\\w{16,}',
  'dckr_(?:pat|oat)_[\\w-]{8,}',
  'sntry[su]_[\\w=+/-]{8,}',
  'SG\\.[\\w-]{8,}\\.[\\w-]{8,}',
  'shp(?:at|ca|pa|ss)_\\w{8,}',
  'glsa_\\w{8,}',
  'hvs\\.[\\w-]{8,}',
  'lin_api_\\w{8,}',
  'AGE-SECRET-KEY-1\\w{8,}',
  'eyJ[\\w+/=-]{5,}\\.[\\w+/=-]{2,}(?:\\.[\\w+/=-]*)?',
  'eyJ[\\w+/=-]{16,}',
]
const TOKEN = new RegExp(`^(?:${TOKEN_PREFIXES.join('|')})`)

/** Names whose long values are no secrets though they look like one. */
const CHECKSUM_KEY =
  /(^|_)(SHA\d*|MD5|DIGEST|CHECKSUM|HASH|COMMIT|REVISION|REV|BUILD|VERSION|TAG|IMAGE|UUID|GUID|ID|FINGERPRINT|PATH|DIR|FILE|URL|HOST)$/i
const READABLE: readonly RegExp[] = [
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /(^|@)sha\d{3}:[0-9a-f]{12,}$/i,
  /^[\d.,:_TZ+-]+$/,
  /^(?:[a-z]:[\\/]|\\\\|\.{0,2}\/|~\/)/i,
  /^[a-z][a-z0-9+.-]*:\/\//i,
  // Words joined by signs: hosts, services, models, modules, locales.
  /^(?:[A-Za-z]{1,24}\d{0,8}|\d{1,8}[A-Za-z]{0,3})(?:[-_./:@+,](?:[A-Za-z]{1,24}\d{0,8}|\d{1,8}[A-Za-z]{0,3}|))*$/,
]

/** Whether a part of an address is a token and no name: marked by its issuer, or long and random. */
export function isTokenLike(text: string): boolean {
  return TOKEN.test(text) || isRandom(text)
}

/** Whether a value of a name that says nothing is a secret by its looks. */
export function isSecretLooking(key: string, value: string): boolean {
  if (TOKEN.test(value)) return true
  if (/\s/.test(value) || READABLE.some((pattern) => pattern.test(value))) return false
  return (isRandom(value) && !CHECKSUM_KEY.test(key)) || isPasswordLike(value)
}

/** Long, without a pattern, of several kinds of characters: keys as hex, base64 and the like. */
function isRandom(text: string): boolean {
  if (text.length < 16 || !/^[\w+/=.~-]+$/.test(text)) return false
  if (READABLE.some((pattern) => pattern.test(text))) return false
  const longest = text.split(/[./:-]/).toSorted((a, b) => b.length - a.length)[0] ?? ''
  return longest.length >= 16 && entropy(longest) >= 3 && changes(longest) >= longest.length / 5
}

/** As people and generators make passwords: lower and upper case, digits and a sign that names and addresses lack. */
function isPasswordLike(text: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[!#$%^&*?~<>|]/]
  return text.length >= 8 && !/[/\\{}]/.test(text) && kinds.every((kind) => kind.test(text))
}

/** Bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0)
}

/** How often the kind of character changes: rarely in words, often in random text. */
function changes(text: string): number {
  const kind = (char: string) => (/\d/.test(char) ? 0 : /[a-z]/.test(char) ? 1 : /[A-Z]/.test(char) ? 2 : 3)
  let count = 0
  for (let n = 1; n < text.length; n++) if (kind(text.charAt(n)) !== kind(text.charAt(n - 1))) count++
  return count
}
