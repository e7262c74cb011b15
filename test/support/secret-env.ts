// Arbitrary .env files whose secrets are known: every shape in which people write one, well-formed or not.
import fc from 'fast-check'

export interface SecretEnv {
  readonly text: string
  readonly secrets: readonly string[]
}

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** As generators make them; signs that end a bare value, a URL or a pair have shapes of their own. */
const secret = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...letters), minLength: 5, maxLength: 8 }),
    fc.constantFrom('', '!', '/', '?', '@', '%', '*', '~', '(', ']', '^'),
    fc.string({ unit: fc.constantFrom(...letters), minLength: 5, maxLength: 8 }),
  )
  .map(([a, sign, b]) => `${a}${sign}${b}`)

const pem = (s: string) => `-----BEGIN RSA PRIVATE KEY-----\n${s}\nx/y+${s}==\n-----END RSA PRIVATE KEY-----`
const SHAPES: readonly ((s: string) => string)[] = [
  (s) => `FLOWER_BASIC_AUTH=admin:${s}`,
  (s) => `FLOWER_AUTH=${s}`,
  (s) => `GH_PAT=${s}`,
  (s) => `REDIS_AUTH='${s}'`,
  (s) => `PASSPHRASE="${s} and ${s}" # why`,
  (s) => `MYSQLPWD=${s}`,
  (s) => `export JWT = ${s}`,
  (s) => `SALT=${s}\t#x`,
  (s) => `SENTRY_DSN=https://${s.replace(/\W/, '')}@o1.ingest.sentry.io/4`,
  (s) => `SSH_KEY="${pem(s)}"`,
  (s) => `DEPLOY="${pem(s)}"`,
  (s) => `DEPLOY=${pem(s)}`,
  (s) => `HOOK=https://hooks.slack.com/services/${s}`,
  (s) => `WEBHOOK_URL=https://example.org/in/${s}`,
  (s) => `CONNECTION=Host=db;Username=u;Password=${s};Port=5432`,
  (s) => `ADO="Server=db;Pwd=${s} x;Uid=u"`,
  (s) => `JDBC=jdbc:postgresql://db/x?user=u&password=${encodeURIComponent(s)}`,
  (s) => `CACHE=redis://redis:6379/0?password=${encodeURIComponent(s)}`,
  (s) => `BROKER=redis://:4/${s}@redis:6379/0`,
  (s) => `DATABASE_URL=postgresql://u:77/${s}@db:5432/x`,
  (s) => `RESULTS=redis://:${encodeURIComponent(s)}@redis:6379/1`,
  (s) => `DB_PASSWORD="${s}"cd`,
  (s) => `DB_PASSWORD="${s}`,
  (s) => `DB_PASSWORD='${s}\nsecond ${s} line`,
  (s) => `1PASSWORD=${s}`,
  (s) => `# DB_PASSWORD=${s}`,
  (s) => `# the old one: GH_PAT=${s} and more`,
  (s) => `#ADMIN_PASSWORD="${s}"`,
  (s) => `API_KEY: ${s}`,
  (s) => `$env:APP_SECRET = "${s}"`,
  (s) => `set APP_SECRET=${s}`,
  (s) => `FOO_TOKEN=${s}\nCOPY=x-${s}-y\n# it was ${s} before`,
  (s) => `OTHER=$PREFIX/${s}\nPREFIX_PASSWORD=${s}`,
  () => 'TASK_TIMEOUT_SECONDS=7200',
  () => 'MODEL=ggml-large-v3.bin # the large one',
  () => '',
  () => 'nonsense here',
]

export const secretEnvs: fc.Arbitrary<SecretEnv> = fc
  .record({
    lines: fc.array(fc.tuple(fc.constantFrom(...SHAPES), secret), { minLength: 1, maxLength: 7 }),
    crlf: fc.boolean(),
    ended: fc.boolean(),
  })
  .map(({ lines, crlf, ended }) => {
    const text = lines.map(([shape, s]) => shape(s)).join('\n') + (ended ? '\n' : '')
    const secrets = lines.flatMap(([shape, s]) =>
      shape('').length === shape(s).length ? [] : [s, s.replace(/\W/, '')],
    )
    return { text: crlf ? text.replaceAll('\n', '\r\n') : text, secrets: [...new Set(secrets)] }
  })

/** Four characters in a row of a secret that the text shows, and that nothing else of the file has. */
export function leaked(shown: string, { text, secrets }: SecretEnv): string | null {
  const rest = secrets.reduce((left, one) => left.replaceAll(one, '\0').replaceAll(encodeURIComponent(one), '\0'), text)
  for (const one of secrets)
    for (let at = 0; at + 4 <= one.length; at++) {
      const part = one.slice(at, at + 4)
      if (shown.includes(part) && !rest.includes(part)) return part
    }
  return null
}
