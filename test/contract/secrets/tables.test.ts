// What is masked and what stays readable, as tables: names of keys, looks of values, secrets within texts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretKey } from '../../../electron/contract/secrets/key-names.ts'
import { findKnown } from '../../../electron/contract/secrets/known-text.ts'
import { MASK } from '../../../electron/contract/secrets/mask.ts'
import { maskText } from '../../../electron/contract/secrets/mask-text.ts'
import { isSecret, maskValue, secretsIn } from '../../../electron/contract/secrets/mask-value.ts'

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq\nx9J0zLkQ==\n-----END RSA PRIVATE KEY-----'

describe('variables that hide their whole value', () => {
  it.each([
    ['FLOWER_BASIC_AUTH', 'admin:hunter2'],
    ['FLOWER_AUTH', 'hunter2'],
    ['GH_PAT', 'abcdef'],
    ['SENTRY_DSN', 'https://9f86d081884c7d659a2feaa0c55ad015@o1.ingest.sentry.io/42'],
    ['REDIS_AUTH', 'hunter2'],
    ['PASSPHRASE', 'correct horse'],
    ['MYSQLPWD', 'hunter2'],
    ['PGPASSWORD', '1'],
    ['DBPASS', 'hunter2'],
    ['JWT', 'hunter2'],
    ['SALT', 'hunter2'],
    ['SSH_PRIVATE_KEY', PEM],
    ['SLACK_WEBHOOK_URL', 'https://hooks.slack.com/services/T0/B0/x1y2'],
    ['CONNECTION_STRING', 'x'],
    ['CLIENTSECRET', 'x'],
    ['accessToken', 'x'],
    ['X-Api-Key', 'x'],
    ['POSTGRES_PASSWORD', '12345678'],
    ['SECRET_KEY_BASE', 'x'],
    ['OPENAI_API_KEY', 'x'],
    ['HF_TOKEN', 'x'],
    ['HASURA_GRAPHQL_JWT_SECRET', '{"key":"x"}'],
    ['VAULT_SECRET_ID', 'x'],
    ['DOCKER_CREDENTIALS', 'x'],
    ['HMAC', 'x'],
    ['SESSION_COOKIE', 'x'],
    ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    // A name that says nothing, and a value that does.
    ['SERVICE', 'AKIAIOSFODNN7EXAMPLE'],
    ['FOO', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['FOO', 'xoxb-1234-5678-abcdefGHIJ'],
    ['FOO', 'sk-proj-abcdefghijklmnop123'],
    ['FOO', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N'],
    ['FOO', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['FOO', 'q7Xv2Kp9Zt4Rw8Lm'],
    ['FOO', 'dGhpcyBpcyBhIHNlY3JldCE/Zm9vYmFyMTIzNA=='],
    ['FOO', 'Tr0ub4dor&3'],
    ['FOO', PEM],
  ])('%s=%s', (key, value) => {
    expect(maskValue(key, value)).toBe(MASK)
    expect(isSecret(key, value)).toBe(true)
  })
})

describe('variables that hide a part of their value', () => {
  it.each([
    ['DATABASE_URL', 'postgresql://app:p@ss@db:5432/x', `postgresql://app:${MASK}@db:5432/x`],
    ['DATABASE_URL', 'postgresql://u:77/pw@db:5432/x', `postgresql://u:${MASK}@db:5432/x`],
    ['DATABASE_URL', 'postgresql://u:p?w#x y"z@db/x', `postgresql://u:${MASK}@db/x`],
    [
      'DATABASE_URL',
      'jdbc:postgresql://db/x?user=u&password=hunter2',
      `jdbc:postgresql://db/x?user=u&password=${MASK}`,
    ],
    ['DATABASE_URL', 'jdbc:oracle:thin:scott/tiger9@db:1521/x', `jdbc:oracle:thin:scott/${MASK}@db:1521/x`],
    ['DATABASE_URL', 'Host=db;Username=u;Password=hun ter2;Port=1', `Host=db;Username=u;Password=${MASK};Port=1`],
    ['DATABASE_URL', 'Server=db;Pwd="a;b";Uid=u', `Server=db;Pwd=${MASK};Uid=u`],
    ['DATABASE_URL', "host=db user=u password='hun ter' dbname=x", `host=db user=u password='${MASK}' dbname=x`],
    [
      'STORAGE',
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==',
      `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${MASK}`,
    ],
    ['REDIS_URL', 'redis://:4/tail@redis:6379/0', `redis://:${MASK}@redis:6379/0`],
    ['REDIS_URL', 'redis://:p4ss/word@redis:6379/0', `redis://:${MASK}@redis:6379/0`],
    ['REDIS_URL', 'redis://redis:6379/0?password=hunter2', `redis://redis:6379/0?password=${MASK}`],
    [
      'BROKERS',
      'sentinel://:one@a:26379;sentinel://:two@b:26379',
      `sentinel://:${MASK}@a:26379;sentinel://:${MASK}@b:26379`,
    ],
    ['HOOK', 'https://hooks.slack.com/services/T0/B0/x1y2', `https://hooks.slack.com/services/${MASK}`],
    ['HOOK', 'https://discord.com/api/webhooks/12/ab_cd', `https://discord.com/api/webhooks/${MASK}`],
    ['REPOSITORY', 'https://ghp_abcdef0123@github.com/x', `https://${MASK}@github.com/x`],
    ['PROXY', 'http://user:pa/ss@proxy:3128', `http://user:${MASK}@proxy:3128`],
    ['JAVA_OPTS', '-Dx=1 --password hunter2 -Dy=2', `-Dx=1 --password ${MASK} -Dy=2`],
    ['CURL', 'https://h/x?sig=ab%2Bcd&x=1', `https://h/x?sig=${MASK}&x=1`],
  ])('%s=%s', (key, value, shown) => {
    expect(maskValue(key, value)).toBe(shown)
    expect(maskValue(key, shown)).toBe(shown)
  })
})

describe('variables that stay readable', () => {
  it.each([
    ['TASK_TIMEOUT_SECONDS', '7200'],
    ['KEYBOARD', 'de'],
    ['MONKEY', 'x'],
    ['AUTHOR', 'ada'],
    ['COMPASS', 'north'],
    ['HF_TOKEN', ''],
    ['MAX_TOKENS', '4096'],
    ['TOKENIZERS_PARALLELISM', 'false'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '30'],
    ['PASSWORD_MIN_LENGTH', '8'],
    ['POSTGRES_PASSWORD_FILE', '/run/secrets/postgres'],
    ['JWT_ALGORITHM', 'HS256'],
    ['AUTH_ENABLED', 'true'],
    ['AUTH_PROVIDER', 'ldap'],
    ['FLOWER_AUTH', 'false'],
    ['REDIS_KEY_PREFIX', 'app:'],
    ['PARTITION_KEY', 'day'],
    ['APP_IMAGE', 'ghcr.io/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['APP_IMAGE', 'registry.example.com/team/app:2024.10.1-3f2a9c1'],
    ['DIGEST', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['PYTHON_SHA256', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['GIT_COMMIT', 'fa32e1a16cf2a80cd6e4a1a1f0f3f5c9e6f8b3d1'],
    ['JOB', '0190c0de-7f3a-7abc-8def-0123456789ab'],
    ['MODEL', 'ggml-large-v3-turbo-q5_0.bin'],
    ['MODEL', 'Systran/faster-distil-whisper-large-v3'],
    ['MODEL', 'TheBloke/Mistral-7B-Instruct-v0.2-GGUF'],
    ['RECORDINGS_DIR', '/srv/recordings/2026/customer-calls'],
    ['RECORDINGS_DIR', 'C:\\Recordings\\Calls 2026'],
    ['HOSTNAME', 'worker-01.eu-central-1.compute.internal'],
    ['CELERY_HOST', 'celery@worker-1.example.internal'],
    ['TASK', 'app.worker.tasks.enqueue_pending_recordings'],
    ['REDIS_URL', 'redis://redis:6379/0'],
    ['API', 'http://127.0.0.1:7300/mail/a@b'],
    ['NPM', 'https://registry.example.org:8443/@scope/name'],
    ['DATABASE_URL', `postgresql://app:\${POSTGRES_PASSWORD}@db/x`],
    ['DATABASE_URL', 'postgresql://db/x?user=me@tenant&sslmode=require'],
    ['TZ', 'Europe/Berlin'],
    ['LANG', 'en_US.UTF-8'],
    ['SCHEDULE', '0 3 * * *'],
    ['STARTED', '2026-01-31T10:00:00.000Z'],
    ['GREETING', 'Hello World, this is 1 sentence.'],
    ['COMPOSE_PROJECT_NAME', 'transcription_stack_2'],
    ['JAVA_OPTS', '-Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8'],
    ['CORS', 'https://a.example.org,https://b.example.org:8080'],
  ])('%s=%s', (key, value) => {
    expect(maskValue(key, value)).toBe(value)
    if (value !== '') expect(isSecretKey(key, value)).toBe(false)
  })
})

describe('texts', () => {
  it.each([
    ['cannot reach postgresql://a:b/c@h:5432/x now', 'b/c'],
    ['redis://:p@ss/w:rd@redis:6379/0 does not answer', 'p@ss/w:rd'],
    ['{"url":"redis://:pwpw@h","x":"a@b"}', 'pwpw'],
    ["{'broker': 'redis://:pwpw@h', 'mail': 'a@b'}", 'pwpw'],
    ['GET /api?access_token=abcdef123&x=1', 'abcdef123'],
    ['Authorization: Bearer eyJhbGciOi.J9', 'eyJhbGciOi'],
    ['authorization: Basic YWRtaW46aHVudGVyMg==', 'YWRtaW46aHVudGVyMg'],
    ['sent with Bearer abc.def-123', 'abc.def-123'],
    ['POSTGRES_PASSWORD=hunter2hunter and more', 'hunter2hunter'],
    ['DB_PASSWORD="ab"cd', 'ab'],
    ['DB_PASSWORD="hunter2 tail', 'hunter2 tail'],
    ["DB_PASSWORD='hunter2 tail", 'hunter2 tail'],
    ['GROQ_API_KEY: "gsk_123456"', 'gsk_123456'],
    ['{"password":"a\\"b\\\\c"}', 'b\\\\c'],
    ['{\\"password\\":\\"hunter2\\"}', 'hunter2'],
    ['password: hunter22', 'hunter22'],
    [`failed for ${PEM} here`, 'MIIEowIBAAKCAQEA7bq'],
    ['Host=db;Password=hun ter;Port=1 failed', 'hun ter'],
    ["ALTER USER app PASSWORD 'hunter2'", 'hunter2'],
    ['redis-server --requirepass hunter2', 'hunter2'],
    ['export FLOWER_BASIC_AUTH=admin:hunter2', 'hunter2'],
    ['posting to https://hooks.slack.com/services/T0/B0/x1y2', 'T0/B0/x1y2'],
    ['found ghp_16C7e42F292c6912E7710c838347Ae178B4a.', 'ghp_16C7'],
  ])('%s', (text, secret) => {
    const shown = maskText(text)
    expect(shown).not.toContain(secret)
    expect(shown).toContain(MASK)
    expect(maskText(shown)).toBe(shown)
  })

  it.each([
    'http://127.0.0.1:5432/api',
    'One 63-minute recording holds the only worker.',
    'retries: 3',
    '1069, flat',
    'password: authentication failed for user "app"',
    'The server requires Basic authentication.',
    'The token expired; a token: none is given',
    'Task app.worker.tasks.process_recording[0190c0de-7f3a-7abc-8def-0123456789ab] received',
    'key=celery, keys=12, sort_key=age',
    'TASK_TIMEOUT_SECONDS=7200 → TASK_TIMEOUT_SECONDS=none',
    'Image ghcr.io/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'The password of the broker is missing: set env:REDIS_PASSWORD.',
    'max_tokens=512, tokens: 40',
    '[2026-12-01 05:57:10,123: INFO/MainProcess] celery@worker-1 ready.',
    'Unexpected token } in JSON at position 4',
    '/srv/recordings/Call recording 5454_210513_095857.m4a',
    "UPDATE recordings SET status = 'queued', error_message = NULL WHERE id = ANY($1)",
    'docker compose -p app up -d --no-deps worker',
  ])('%s stays', (text) => {
    expect(maskText(text)).toBe(text)
  })

  it('hide a known secret in every writing of it, and a very short or common one nowhere', () => {
    const secret = 'a b/ü"\\!'
    const text = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret),
      JSON.stringify(JSON.stringify({ x: secret })),
    ].join(' | ')
    expect(maskText(text, [secret])).toBe([MASK, MASK, `"${MASK}"`, `"{\\"x\\":\\"${MASK}\\"}"`].join(' | '))
    expect(maskText('abc is postgres', ['abc', 'postgres'])).toBe('abc is postgres')
  })

  it('hide the longest of secrets that hold one another', () => {
    expect(maskText('hunter2hunter2 hunter2', ['hunter2', 'hunter2hunter2'])).toBe(`${MASK} ${MASK}`)
  })

  it('hide any known secret, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string(), (secret, around) => {
        fc.pre(findKnown([secret])(secret).length > 0 && !around.includes(secret) && !MASK.includes(secret))
        expect(maskText(`${around} ${secret} ${around}`, [secret])).not.toContain(` ${secret} `)
      }),
      { numRuns: 500 },
    )
  })
})

it('secrets of values: parts of addresses, decoded too; not what is too short or common', () => {
  const values = new Map([
    ['A_PASSWORD', 'hunter2'],
    ['B_PASSWORD', 'abc'],
    ['C_PASSWORD', 'postgres'],
    ['URL', 'redis://:p%40ssw@redis/0'],
    ['FLOWER_BASIC_AUTH', 'admin:flowerpw'],
    ['MODEL', 'base.bin'],
  ])
  expect(secretsIn(values)).toEqual(['admin:flowerpw', 'flowerpw', 'hunter2', 'p%40ssw', 'p@ssw'])
})

describe('a long text costs time in proportion to its length', () => {
  it.each([
    'y',
    'a://',
    'a://b:',
    '?token',
    'a://b:c@',
    'PASSWORD=',
    'a.',
    'eyJ',
    '"',
    'Host=;',
    '-----BEGIN PRIVATE KEY-----',
    'k=v;',
    "password='",
    'http://a@',
    'a=1 ',
    'A_TOKEN:',
  ])('%j', (part) => {
    const long = part.repeat(500_000 / part.length)
    maskText(long)
    maskValue('FOO', long)
  })
})
