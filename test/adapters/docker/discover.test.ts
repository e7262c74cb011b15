// Compose projects that run here become systems ready to confirm: addresses of this machine, passwords apart.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discoverStacks } from '../../../electron/adapters/docker/discover.ts'
import { reachable } from '../../../electron/adapters/docker/reachable.ts'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import { failureOf } from '../../support/acting.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine } from './small-engine.ts'

const idle = `image: ${IMAGE}, init: true, command: [sleep, "100000"]`
const WHOLE = `
services:
  postgres: { ${idle}, environment: { POSTGRES_PASSWORD: "pä/ss" }, ports: ["127.0.0.1:16811:5432"] }
  redis: { ${idle}, ports: ["16812:6379"] }
  api: { ${idle}, ports: ["127.0.0.1:16813:8000"] }
  worker:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
    volumes: ["./recordings:/recordings:ro", "spool:/data"]
    environment:
      DATABASE_URL: postgresql+psycopg2://calls:p%40ss@postgres:5432/calls?sslmode=disable
      CELERY_BROKER_URL: redis://redis/0
      RESULT_URL: redis://:secret@redis:6379/1
volumes:
  spool:
`
const CLOSED = `
services:
  db: { ${idle}, image: ${IMAGE}, environment: { POSTGRES_PASSWORD: x } }
  redis: { ${idle} }
  worker: { ${idle}, environment: { DATABASE_URL: "postgres://a:b@db/x", REDIS_URL: "redis://redis:6379" } }
`
const because = dockerMissing()

describe.skipIf(because !== null)(`discover on dockerd${because === null ? '' : ` (${because})`}`, () => {
  const folder = temporaryFolder()
  const signal = AbortSignal.timeout(600_000)
  let engine: SmallEngine
  const projects: Project[] = []

  beforeAll(async () => {
    engine = await smallEngine()
    for (const [name, file] of [
      ['my_calls', WHOLE],
      ['closed', CLOSED],
    ] as const) {
      const project = composeProject(engine, folder.path(), name)
      project.file(file)
      project.compose('up', '-d')
      projects.push(project)
    }
  })
  afterAll(async () => {
    await engine?.remove()
    folder.remove()
  })

  it('proposes the addresses that this machine reaches, the .env, and the API; passwords are named, not shown', async () => {
    const found = await discoverStacks({ docker: engine.url }, signal)
    expect(found.map(({ discovery }) => discovery.project)).toEqual(['closed', 'my_calls'])
    const { discovery, secrets } = found[1] ?? {}
    expect(discovery?.proposal).toMatchObject({
      ...{
        id: 'my-calls',
        kind: 'recordings',
        database: 'secret:my-calls-database',
        broker: 'redis://127.0.0.1:16812/0',
      },
      ...{ results: 'secret:my-calls-results', api: 'http://127.0.0.1:16813', envFile: `${projects[0]?.folder}/.env` },
      stack: { project: 'my_calls', docker: engine.url },
    })
    expect(secrets).toEqual({
      'my-calls-database': 'postgresql://calls:p%40ss@127.0.0.1:16811/calls?sslmode=disable',
      'my-calls-results': 'redis://:secret@127.0.0.1:16812/1',
    })
    expect(discovery).toMatchObject({
      missing: [],
      sentence: 'my_calls: 4 of 4 containers run (api, postgres, redis, worker).',
    })
    expect(JSON.stringify(discovery)).not.toMatch(/p%40ss|:secret@|pä/)
  })

  it('says what is not published, and how to publish it', async () => {
    const [closed] = await discoverStacks({ docker: engine.url }, signal)
    expect(closed?.discovery).toMatchObject({
      proposal: null,
      missing: [
        'database: db is not published to this machine: give it ports: ["127.0.0.1:5432:5432"] in the compose file',
        'broker: redis is not published to this machine: give it ports: ["127.0.0.1:6379:6379"] in the compose file',
      ],
    })
    expect(closed?.secrets).toEqual({})
  })

  it('finds the folders of this machine that the worker works in, by their names inside its container', async () => {
    const stack = composeStack({
      ...{ project: 'my_calls', docker: engine.url, dataDir: folder.path(), onProblem: () => undefined },
    })
    const folders = await stack.folders(signal)
    expect(folders.map(({ inside }) => inside).toSorted()).toEqual(['/data', '/recordings'])
    expect(folders).toContainEqual({ inside: '/recordings', here: `${projects[0]?.folder}/recordings` })
    for (const { here } of folders) expect(existsSync(here), here).toBe(true)
    await stack.close()
  })

  it('without a project in the settings, several are a question', async () => {
    const stack = composeStack({ docker: engine.url, dataDir: folder.path(), onProblem: () => undefined })
    expect(await failureOf(stack.services(signal))).toMatchObject({
      kind: 'invalid',
      because: 'several exist: closed, my_calls',
    })
  })
})

describe('addresses', () => {
  const here = { kind: 'socket', path: '/s' } as const
  it.each([
    ['postgresql://u:p@db.example.com:5433/x', 'postgresql://u:p@db.example.com:5433/x'],
    ['postgresql+asyncpg://u:p@host.docker.internal:5432/x', 'postgresql://u:p@127.0.0.1:5432/x'],
  ])('%s → %s', (written, url) => {
    expect(reachable(written, [], here)).toEqual({ url })
  })
  it('what is no address is said', () => {
    expect(reachable('nonsense', [], here)).toEqual({ missing: 'its address cannot be read' })
  })
})
