// A stack created on a real engine: built, started and watched; what does not come up leaves nothing behind.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { composeFolder } from '../../electron/adapters/docker/compose-up.ts'
import { withValues } from '../../electron/adapters/stack-folder.ts'
import { stackMaker } from '../../electron/compose/stack-maker.ts'
import type { SystemSettings } from '../../electron/contract/settings.ts'
import { openPool } from '../../worker/store/pool.ts'
import { failureOf } from '../support/acting.ts'
import { composeCli } from '../support/compose-cli.ts'
import { type Dockerd, dockerd, dockerMissing } from '../support/dockerd.ts'
import { type StackImages, stackImages } from '../support/images.ts'
import { stackFolder } from '../support/stack-app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const because = dockerMissing() ?? (composeCli('v2') === null ? 'compose v2 is not installed' : null)
const BUSY_MS = 120_000
const signal = () => AbortSignal.timeout(BUSY_MS)

describe.skipIf(because !== null)(`creating a stack${because === null ? '' : ` (${because})`}`, () => {
  const folders = temporaryFolder()
  let daemon: Dockerd
  let images: StackImages
  let root: string
  let number = 0
  const adopted = new Map<string, SystemSettings>()

  beforeAll(async () => {
    daemon = await dockerd()
    images = await stackImages(daemon)
  }, BUSY_MS)
  afterEach(() => {
    adopted.clear()
    folders.remove()
  })

  /** Of the stack's own files, with a Dockerfile that needs no network. */
  function maker(dockerfile = `FROM ${images.app}\nENV BUILT=yes\n`) {
    root = folders.path()
    const sources = { stack: join(root, 'stack'), whisper: join(root, 'whisper') }
    cpSync(stackFolder, sources.stack, { recursive: true, filter: (path) => !path.endsWith('__pycache__') })
    mkdirSync(sources.whisper)
    writeFileSync(join(sources.whisper, 'CMakeLists.txt'), '')
    writeFileSync(join(sources.stack, 'Dockerfile'), dockerfile)
    const example = join(sources.stack, '.env.example')
    const here = {
      ...{ POSTGRES_IMAGE: images.postgres, REDIS_IMAGE: images.redis, APP_IMAGE: `unjam-test-created:${++number}` },
      ...{ HEALTH_INTERVAL: '1s', STOP_GRACE_PERIOD: '1s', ENQUEUE_SECONDS: '1' },
    }
    writeFileSync(example, withValues(readFileSync(example, 'utf8'), here))
    return stackMaker({
      sources,
      docker: composeFolder({ ...process.env, ...daemon.env, ...composeCli('v2')?.env }),
      model: () => null,
      taken: (id) => adopted.has(id),
      adopt: async (system) => void adopted.set(system.id, system),
      release: async (id) => void adopted.delete(id),
    })
  }

  const order = (name: string) => ({ folder: join(root, 'app'), project: `created-${process.pid}-${name}`, id: name })
  const label = (project: string) => ['--filter', `label=com.docker.compose.project=${project}`]
  const left = async (project: string) => ({
    containers: await daemon.docker('ps', '--all', '--quiet', ...label(project)),
    networks: await daemon.docker('network', 'ls', '--quiet', ...label(project)),
    volumes: (await daemon.docker('volume', 'ls', '--quiet', ...label(project))).split('\n').filter(Boolean).length,
  })

  test(
    'is built and started with progress, watched under its new passwords, never created twice, and taken back',
    async () => {
      const stacks = maker()
      const told = new Set<string>()
      stacks.onChange(() => told.add(stacks.state()?.step ?? 'done'))
      const wanted = order('calls')
      const { files } = await stacks.plan(wanted, signal())
      expect(files).toContain('docker-compose.yml')
      expect(existsSync(wanted.folder)).toBe(false)

      const created = await stacks.create(wanted, () => undefined, signal())
      expect([...told]).toEqual(expect.arrayContaining(['Writing the files', 'done']))
      expect([...told].some((line) => /worker.*Started/.test(line))).toBe(true)
      const system = adopted.get('calls')
      if (system?.kind !== 'recordings') throw new Error('it is not watched')
      expect(system).toMatchObject({ stack: { project: wanted.project }, envFile: join(wanted.folder, '.env') })
      const pool = openPool(system.database, 1, () => undefined)
      try {
        await until('its database has the table', () =>
          pool.query("SELECT to_regclass('recordings') AS it").then(
            ({ rows }) => rows[0]?.it === 'recordings',
            () => false,
          ),
        )
      } finally {
        await pool.close()
      }
      await until('its API answers', () =>
        fetch(`${system.api}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      const worker = await daemon.docker('ps', '--quiet', ...label(wanted.project), '--filter', 'name=worker')
      expect(await daemon.docker('inspect', '--format', '{{.Config.Env}}', worker)).toContain('BUILT=yes')

      // The same folder, and the same project from elsewhere: neither is touched.
      expect(await failureOf(stacks.plan({ ...wanted, id: 'two' }, signal()))).toMatchObject({
        because: expect.stringMatching(/^the folder is not empty/),
      })
      const elsewhere = { ...wanted, id: 'two', folder: join(root, 'elsewhere') }
      expect(await failureOf(stacks.create(elsewhere, () => undefined, signal()))).toMatchObject({
        because: expect.stringMatching(/^the engine has something of that name already: the container/),
      })
      expect(existsSync(elsewhere.folder)).toBe(false)

      writeFileSync(join(wanted.folder, 'requirements.txt'), 'changed')
      expect(await stacks.remove(created, signal())).toEqual({ removed: files.length - 1, kept: ['requirements.txt'] })
      expect(adopted.size).toBe(0)
      expect(await left(wanted.project)).toEqual({ containers: '', networks: '', volumes: 3 })
      expect(await failureOf(stacks.plan({ ...wanted, folder: join(root, 'again') }, signal()))).toMatchObject({
        because: expect.stringMatching(/^the engine has something of that name already: the volume/),
      })
      const volumes = await daemon.docker('volume', 'ls', '--quiet', ...label(wanted.project))
      await daemon.docker('volume', 'rm', ...volumes.split('\n'))
    },
    2 * BUSY_MS,
  )

  test('what does not come up is taken away, and compose’s own words are told', async () => {
    const stacks = maker(`FROM ${images.app}\nCOPY not-there /app/\n`)
    const wanted = order('broken')
    const failure = await failureOf(stacks.create(wanted, () => undefined, signal()))
    expect(failure).toMatchObject({ kind: 'refused', because: expect.stringContaining('not-there') })
    expect(stacks.state()).toMatchObject({ step: 'It did not come up', failure: { because: failure.because } })
    expect(existsSync(wanted.folder)).toBe(false)
    expect(adopted.size).toBe(0)
    expect(await left(wanted.project)).toEqual({ containers: '', networks: '', volumes: 0 })
  })

  test('an engine that does not answer is named before anything is written', async () => {
    const stacks = stackMaker({
      sources: { stack: stackFolder, whisper: stackFolder },
      docker: composeFolder({ ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' }),
      model: () => null,
      taken: () => false,
      adopt: async () => undefined,
      release: async () => undefined,
    })
    const folder = join(folders.path(), 'app')
    const failure = await failureOf(stacks.plan({ folder, project: 'app', id: 'app' }, signal()))
    expect(failure.kind).toBe('unreachable')
    expect(existsSync(folder)).toBe(false)
  })
})
