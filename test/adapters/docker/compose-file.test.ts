// Which service uses which key of .env, read from compose files as people write them; and what an engine can apply of a change.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose's own placeholders
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readComposeFiles, usesOf } from '../../../electron/adapters/docker/compose-file.ts'
import { envValues } from '../../../electron/adapters/docker/env-values.ts'
import { interpolate, namesIn } from '../../../electron/adapters/docker/interpolate.ts'
import { overlay } from '../../../electron/adapters/docker/overlay.ts'
import { failureOf } from '../../support/acting.ts'

/** Files by path; reading any other fails as the disk does. */
function disk(files: Record<string, string>) {
  return async (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`)
    return text
  }
}
const uses = async (files: Record<string, string>, keys: Record<string, readonly string[]> = {}) =>
  usesOf(await readComposeFiles(Object.keys(files).slice(0, 1), disk(files)), (file) => keys[file] ?? [])

describe('uses', () => {
  it('of environment as a map and as a list, of env_file, and of anything else in the definition', async () => {
    const file = `
services:
  worker:
    image: \${APP_IMAGE:-app:latest}
    environment: { TASK_TIMEOUT_SECONDS: "\${TASK_TIMEOUT_SECONDS:-\${DEFAULT_LIMIT}}", PLAIN: 5, PASSED: , PRICE: "$$5" }
    command: [celery, "--concurrency=$WORKER_CONCURRENCY"]
  api:
    env_file: [.env, { path: secrets/api.env, required: false }]
    environment: [ "DATABASE_URL=postgresql://\${POSTGRES_USER}@db", PASSED ]
  db: { env_file: ./.env }
`
    expect(
      await uses(
        { '/app/docker-compose.yml': file },
        { '/app/.env': ['ONLY_FILE'], '/app/secrets/api.env': ['API_KEY'] },
      ),
    ).toEqual({
      ...{
        TASK_TIMEOUT_SECONDS: ['worker'],
        DEFAULT_LIMIT: ['worker'],
        WORKER_CONCURRENCY: ['worker'],
        APP_IMAGE: ['worker'],
      },
      ...{ PASSED: ['api', 'worker'], POSTGRES_USER: ['api'], API_KEY: ['api'], ONLY_FILE: ['api', 'db'] },
    })
  })

  it('through anchors, merges and extends, over files and in circles', async () => {
    const files = {
      '/app/docker-compose.yml': `
x-app: &app { environment: &env { SHARED: "\${SHARED}" } }
services:
  api: { <<: *app }
  worker: { environment: { <<: *env, OWN: "\${OWN}" }, extends: { file: ../base/common.yml, service: base } }
  round: { extends: other }
  other: { extends: round, image: "\${ROUND}" }
`,
      '/base/common.yml': 'services: { base: { environment: ["DEEP=${DEEP}"], env_file: base.env } }',
    }
    expect(await uses(files, { '/base/base.env': ['FROM_BASE'] })).toEqual({
      ...{
        SHARED: ['api', 'worker'],
        OWN: ['worker'],
        DEEP: ['worker'],
        FROM_BASE: ['worker'],
        ROUND: ['other', 'round'],
      },
    })
  })

  it('of an override file beside the first', async () => {
    const files = {
      'C:\\app\\a.yml': 'services: { worker: { image: x } }',
      'C:\\app\\b.yml': 'services: { worker: { env_file: .env } }',
    }
    const services = await readComposeFiles(Object.keys(files), disk(files))
    expect(usesOf(services, (path) => (path === 'C:\\app\\.env' ? ['KEY'] : []))).toEqual({ KEY: ['worker'] })
  })

  it.each([
    ['services:\n  worker: [unclosed\n', /line \d/, /./],
    ['services:\n  a: {}\n  a: {}\n', /line 3/, /unique/],
    ['just text', /line 1/, /no map of services/],
    ['services: [a]', /line 1/, /no map of services/],
  ])('a file with an error names its line: %j', async (text, on, because) => {
    const failure = await failureOf(uses({ '/app/c.yml': text }))
    expect(failure).toMatchObject({
      kind: 'invalid',
      on: expect.stringMatching(on),
      because: expect.stringMatching(because),
    })
  })

  it('a file that is not there, and one that extends such a file', async () => {
    expect((await failureOf(readComposeFiles(['/no.yml'], disk({})))).because).toContain('it cannot be read')
    const text = 'services: { a: { extends: { file: gone.yml, service: b } } }'
    expect((await failureOf(uses({ '/app/c.yml': text }))).on).toBe('/app/gone.yml')
  })
})

describe('interpolation', () => {
  const values = (name: string) => ({ SET: 'x', EMPTY: '' })[name]
  it.each([
    ['a${SET}b$SET', 'axbx'],
    ['$$SET ${NONE}', '$SET '],
    ['${EMPTY:-d} ${EMPTY-d}', 'd '],
    ['${NONE:-${SET}}', 'x'],
    ['${SET:+${NONE-y}} ${EMPTY:+n} ${EMPTY+y}', 'y  y'],
    ['${NONE:?needed}', ''],
    ['5$ ${ ${}', '5$ ${ ${}'],
    ['${SET:-a}b}', 'xb}'],
  ])('%s → %s', (text, result) => {
    expect(interpolate(text, values)).toBe(result)
  })
  it('ends for every text, and changes none without a dollar', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) =>
          typeof interpolate(text, values) === 'string' && (text.includes('$') || interpolate(text, values) === text),
      ),
    )
  })
  it('names are those of defaults too', () => {
    expect([...namesIn('${A:-${B:+${C}}} $D $$E')]).toEqual(['A', 'B', 'C', 'D'])
  })
})

it('an env file: BOM, CRLF, quotes, comments, export, the last one wins', () => {
  const text = '\uFEFFA=1\r\n# B=2\r\nexport C="x # y"\r\nD=z # why\r\nE=\'$F\'\r\nA=3\r\nF=\r\nnonsense\r\n'
  expect([...envValues(text)]).toEqual([
    ['A', '3'],
    ['C', 'x # y'],
    ['D', 'z'],
    ['E', '$F'],
    ['F', ''],
  ])
})

describe('a change through the engine', () => {
  const definition = async (service: string) =>
    (await readComposeFiles(['/c.yml'], disk({ '/c.yml': `services: { worker: ${service} }` }))).get('worker') ?? null
  const env = ['LIMIT=1800', 'PATH=/bin', 'URL=pg://u:p@db']

  it('reaches the variable that the definition makes of it, whatever its name', async () => {
    const use = await definition('{ environment: { LIMIT: "${TASK_TIMEOUT_SECONDS:-0}", URL: "pg://u:${PW}@db" } }')
    expect(overlay('worker', env, use, { TASK_TIMEOUT_SECONDS: '7200' }, new Map())).toEqual({
      env: ['LIMIT=7200', 'PATH=/bin', 'URL=pg://u:p@db'],
      notes: [],
    })
    expect(overlay('worker', env, use, { TASK_TIMEOUT_SECONDS: null }, new Map()).env[0]).toBe('LIMIT=0')
  })
  it('takes other keys of the same value from the file', async () => {
    const use = await definition('{ environment: { URL: "pg://${USER}:${PW}@db" } }')
    expect(overlay('worker', env, use, { PW: 'new' }, new Map([['USER', 'me']])).env).toContain('URL=pg://me:new@db')
  })
  it('says what it cannot reach', async () => {
    const use = await definition('{ command: "celery -c ${N}" }')
    expect(overlay('worker', env, use, { N: '2', OTHER: '1' }, new Map()).notes).toEqual([
      'worker: N is used outside "environment:" too, which only docker compose applies.',
      'worker: its definition does not use OTHER.',
    ])
  })
  it('without the files, a key is a variable', () => {
    expect(overlay('worker', env, null, { LIMIT: null, NEW: '1' }, new Map()).env).toEqual([
      'PATH=/bin',
      'URL=pg://u:p@db',
      'NEW=1',
    ])
  })
})
