// Names of keys whose value is a secret: words and word pairs as data, and the endings that only describe one.

/** Anywhere in the name, also glued to other words: `PGPASSWORD`, `mysqlpwd`, `CLIENTSECRET`. */
const GLUED = /PASSW|PASSPHRASE|SECRET|APIKEY|PWD$|TOKEN$|(?<!BY|COM|SUR|TRES|OVER|UNDER)PASS$|CREDENTIALS?$/

/** As words of the name, wherever it stands. */
const STRONG_WORDS = new Set(
  'PASS PASSES PASSCODE PWD PW PIN TOKEN TOKENS JWT CREDENTIAL CREDENTIALS CREDS AUTHORIZATION COOKIE WEBHOOK WEBHOOKS'.split(
    ' ',
  ),
)
const STRONG_PAIRS = new Set(
  'API_KEY PRIVATE_KEY ACCESS_KEY ACCOUNT_KEY SIGNING_KEY ENCRYPTION_KEY MASTER_KEY LICENSE_KEY SESSION_KEY CONNECTION_STRING BASIC_AUTH'.split(
    ' ',
  ),
)
/** Secrets as names of variables; in prose and data they mean many other things. */
const WEAK_WORDS = new Set(
  'KEY KEYS AUTH DSN SALT PEPPER PAT OTP TOTP HMAC SIGNATURE CONNSTR USERPWD REQUIREPASS MASTERAUTH'.split(' '),
)

/** Names that describe a secret or say where it is: `TOKEN_TTL_SECONDS`, `PASSWORD_FILE`, `AUTH_PROVIDER`. */
const DESCRIBES =
  /_(FILE|PATH|DIR|FOLDER|HOST|PORT|TTL|EXPIRES?|EXPIRY|EXPIRATION|EXPIRES?_IN|MS|SECONDS|MINUTES|HOURS|DAYS|LENGTH|SIZE|COUNT|LIMIT|ENABLED?|DISABLED?|REQUIRED?|TYPE|METHOD|PROVIDER|ALGORITHM|ALGO|ALG|HEADER|ISSUER|AUDIENCE|MODE|SCHEME|BACKEND|CLASS|POLICY|ROTATION|VERSION|PREFIX|REALM|USER|USERNAME|REGION|TIMEOUT|INTERVAL|RETRIES|NAMESPACE)$/
const KEY_ID = /_(KEY|TOKEN)_(ID|NAME)$/
const PUBLIC = /(^|_)(PUBLIC|PUBLISHABLE|PRIMARY|FOREIGN|PARTITION|SORT|ROUTING|CACHE)_KEYS?$/
const COUNTED = /(^|_)(TOKENS|KEYS|PASSES)(_|$)/
const SWITCH = /^(true|false|yes|no|on|off|none|null|enabled|disabled)$/i

/** Whether a variable of this name holds a secret; `value` tells switches and counts from secrets. */
export function isSecretKey(key: string, value: string | null = null): boolean {
  return classify(key, value, true)
}

/** The same of a field in data or of a word in prose, where `key` and `auth` alone mean little. */
export function isSecretField(key: string, value: string | null = null): boolean {
  return classify(key, value, false)
}

function classify(key: string, value: string | null, variable: boolean): boolean {
  const name = words(key)
  if (DESCRIBES.test(name) || KEY_ID.test(name) || PUBLIC.test(name)) return false
  if (value !== null && COUNTED.test(name) && /^\d+$/.test(value)) return false
  const parts = name.split('_')
  const glued = name.replaceAll('_', '')
  if (GLUED.test(glued) || parts.some((word) => STRONG_WORDS.has(word) || GLUED.test(word))) return true
  if (parts.some((word, n) => STRONG_PAIRS.has(`${word}_${parts[n + 1] ?? ''}`))) return true
  if (!variable || (value !== null && SWITCH.test(value))) return false
  return parts.some((word) => WEAK_WORDS.has(word))
}

/** `accessToken`, `X-Api-Key` and `access.token` as upper-case words with underscores between. */
function words(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}
