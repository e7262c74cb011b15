// A real core on systems full of secrets: none is in any file of its data directory but the store, nor in any output.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeSecrets } from '../../electron/adapters/secrets.ts'
import { freshDataDir, runUnjam, type ServingHost, serveApp, TOKEN } from '../support/serving-host.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folders = temporaryFolder()
/** Every one is unique, and its parts are words of nothing else. */
const SECRETS = {
  database: 'Pgs3kr/3t-Xq1',
  results: '77/R3sult?Zk2',
  broker: 'Br0k3r/w@rd#Vj3',
  broken: 'Br0ken/Yh4',
  api: 'Ap1/t0p-Wm5',
  token: 'qcT0ken.Lp6!',
  crawl: 'Cr4wl+pw%Nb7',
  flower: 'Fl0wer-Gs8x',
  dsn: '9f86d081884c7d659a2feaa0c55ad015',
  malformed: 'M4lform-Ty9v',
  open: 'Op3nQuote-Hd1',
  digit: 'D1git-Kc2wq',
  key: 'MIIEpAIBAAKCAQEA1vXbZr2Jw7',
  ado: 'Ad0-Pw-Rf3zz',
  commented: 'C0mment-Ug4',
  fresh: 'Fr3shP4ss-Bx5',
}
const ENV = `# the stack, DB_PASSWORD=${SECRETS.commented} before
TASK_TIMEOUT_SECONDS=1800
FLOWER_BASIC_AUTH=admin:${SECRETS.flower}
SENTRY_DSN=https://${SECRETS.dsn}@o1.ingest.sentry.io/4
CONNECTION=Host=db;Username=u;Password=${SECRETS.ado};Port=5432
SSH_KEY="-----BEGIN RSA PRIVATE KEY-----
${SECRETS.key}
-----END RSA PRIVATE KEY-----"
1PASSWORD=${SECRETS.digit}
COPY=see-${SECRETS.flower}-there
`
const MALFORMED = `${ENV}DB_PASSWORD="${SECRETS.malformed}"cd\nADMIN_PASSWORD="${SECRETS.open}\n`

let host: ServingHost
let dataDir: string
let api: Server
const outputs: [what: string, text: string][] = []

beforeAll(async () => {
  const folder = folders.path()
  // A stack's API that answers with an error which quotes its caller's credentials.
  api = createServer((request, response) => {
    response.statusCode = 500
    response.end(`no: ${request.headers.authorization}`)
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port } = api.address() as AddressInfo
  for (const [name, text] of [
    ['good', ENV],
    ['bad', MALFORMED],
  ] as const) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, '.env'), text)
  }
  const stack = (id: string, broker: string) => ({
    ...{ id, kind: 'recordings', database: 'secret:db', results: 'secret:results', broker, api: 'secret:api' },
    envFile: join(folder, id, '.env'),
  })
  dataDir = freshDataDir({
    systems: [
      stack('good', 'secret:broker'),
      stack('bad', 'secret:broken'),
      { id: 'crawl', kind: 'crawl', database: 'secret:crawl' },
      { id: 'qc', kind: 'qc', url: 'secret:api', token: 'secret:token' },
    ],
  })
  await writeSecrets(dataDir, {
    db: `postgresql://app:${SECRETS.database}@127.0.0.1:1/x`,
    results: `redis://u:${SECRETS.results}@127.0.0.1:1/1`,
    broker: `redis://:${SECRETS.broker}@127.0.0.1:1/0`,
    broken: `redis://:${SECRETS.broken}@re dis:1/0`,
    api: `http://user:${SECRETS.api}@127.0.0.1:${port}`,
    crawl: `postgresql://crawl:${SECRETS.crawl}@no-such-host.invalid:5432/x`,
    token: SECRETS.token,
  })
  host = await serveApp({ dataDir })
})
afterAll(async () => {
  await host.stop()
  api.close()
  folders.remove()
})

async function unjam(...args: string[]) {
  const { code, stdout, stderr } = await runUnjam(dataDir, args)
  outputs.push([`unjam ${args.join(' ')}`, stdout + stderr])
  return { code, stdout, stderr }
}
async function get(path: string) {
  const answer = JSON.stringify(await host.api(path).catch((error: unknown) => String(error)))
  outputs.push([path, answer])
  return answer
}

it('unreachable systems, a changed .env, a report and a bundle show none of them', async () => {
  await until(
    'every part was tried',
    async () => {
      const snapshot = await get('/snapshot')
      return (snapshot.match(/"status":"unknown"/g)?.length ?? 0) >= 8 && snapshot.includes('source-unreachable')
    },
    60_000,
  )
  for (const command of ['status', 'diagnose', 'doctor', 'findings']) await unjam(command)
  await unjam('diagnose', '--json')
  await unjam('act', 'retry-jobs', '--system', 'good')
  await unjam('jobs', '--system', 'qc')
  for (const path of [
    '/jobs?system=crawl&state=failed',
    '/jobs?system=qc&state=failed',
    '/findings/history',
    '/actions?system=bad',
  ])
    await get(path)
  for (const system of ['good', 'bad']) await get(`/env?system=${system}`)
  await get('/settings')
  // On demand, one value at a time, and only for whoever holds the token.
  expect(await reveal('FLOWER_BASIC_AUTH', TOKEN)).toEqual([200, { value: `admin:${SECRETS.flower}` }])
  expect(await reveal('NOT_THERE', TOKEN)).toEqual([200, { value: null }])
  expect((await reveal('FLOWER_BASIC_AUTH', 'another'))[0]).toBe(403)
  const set = [
    'act',
    'set-env',
    '--system',
    'good',
    '--param',
    'TASK_TIMEOUT_SECONDS=7200',
    '--param',
    `NEW_PASSWORD=${SECRETS.fresh}`,
  ]
  expect((await unjam(...set)).code).toBe(0)
  expect((await unjam(...set, '--yes', '--json')).code).toBe(0)
  expect((await unjam('act', 'set-env', '--system', 'bad', '--param', 'TASK_TIMEOUT_SECONDS=7200', '--yes')).code).toBe(
    4,
  )
  const receipts = JSON.parse((await unjam('receipts', '--json')).stdout)
  expect((await unjam('undo', receipts.receipts[0].id, '--yes')).code).toBe(0)
  await unjam('report')
  await unjam('report', '--html')
  const bundle = join(folders.path(), 'all.unjam')
  await unjam('bundle', '--out', bundle)
  outputs.push(['the bundle', gunzipSync(readFileSync(bundle)).toString()])
  outputs.push(['what serve wrote', host.output()])

  // The output is there, and says what failed.
  expect(outputs.find(([what]) => what === 'unjam diagnose')?.[1]).toContain('127.0.0.1:1')
  const files = await everyFile()
  expect(files.map(([name]) => name).join()).toMatch(/unjam\.log/)
  for (const [what, text] of [...outputs, ...files])
    for (const [name, secret] of Object.entries(SECRETS))
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(text.includes(form) ? `${what} shows ${name}: ${around(text, form)}` : '').toBe('')
}, 240_000)

async function reveal(key: string, token: string): Promise<[number, unknown]> {
  const response = await fetch(`${new URL(host.url).origin}/api/env/reveal`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ system: 'good', key }),
  })
  return [response.status, await response.json().catch(() => null)]
}

/** Of the data directory, as text whatever they are; the secret store is what it is for. */
async function everyFile(): Promise<[string, string][]> {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name !== 'secrets.json' && !name.startsWith('postgres/') && statSync(join(dataDir, name)).isFile(),
    )
    .map((name) => [name, readFileSync(join(dataDir, name), 'latin1')])
}

function around(text: string, part: string): string {
  const at = text.indexOf(part)
  return text.slice(Math.max(0, at - 120), at + part.length + 20)
}
