// The stack that Unjam creates, up for real: resources/stack in a folder of its own, local images, short intervals.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { freePort } from './child-process.ts'
import { type ComposeVersion, composeCli } from './compose-cli.ts'
import { type Dockerd, dockerd } from './dockerd.ts'
import { stackImages } from './images.ts'
import { type RecordingFile, writeRecording } from './recording-file.ts'
import { stackFolder } from './stack-app.ts'
import { until } from './until.ts'

const run = promisify(execFile)

export interface StackOptions {
  /** Which compose command. Default v2, else v1. */
  readonly compose?: ComposeVersion
  /** Keys of .env over the short intervals of tests. */
  readonly env?: Readonly<Record<string, string>>
  /** false: written, not brought up. */
  readonly up?: boolean
}

export interface TestStack {
  readonly project: string
  readonly folder: string
  /** The .env file. */
  readonly envFile: string
  readonly daemon: Dockerd
  readonly database: string
  readonly broker: string
  readonly results: string
  readonly api: string
  readonly pool: Pool
  /** `docker compose …` (or docker-compose) in the stack's folder; answers with its standard output. */
  compose(...args: string[]): Promise<string>
  /** What a child process needs to reach this daemon with this compose: DOCKER_HOST, DOCKER_CONFIG. */
  readonly processEnv: NodeJS.ProcessEnv
  /** Replaces `KEY=…` in .env, or adds it; null comments it out. */
  setEnv(key: string, value: string | null): void
  /** Waits for every service of the project to be healthy; fails with their states and logs. */
  healthy(withinMs?: number): Promise<void>
  /** `docker inspect` of the service's first container. */
  inspect(service: string): Promise<Inspected>
  /** A file in the recordings folder and its row, queued; answers with its id. */
  add(file?: RecordingFile): Promise<string>
  /** Removes containers, volumes, network and folder. */
  down(): Promise<void>
}

export interface Inspected {
  readonly Id: string
  readonly State: {
    readonly Status: string
    readonly Pid: number
    readonly ExitCode: number
    readonly StartedAt: string
    readonly Health?: { readonly Status: string }
  }
  readonly Config: { readonly Env: readonly string[] }
}

/** Up and healthy when this resolves. */
export async function testStack(options: StackOptions = {}): Promise<TestStack> {
  const daemon = await dockerd()
  const cli = options.compose === undefined ? (composeCli('v2') ?? composeCli('v1')) : composeCli(options.compose)
  if (cli === null) throw new Error(`compose ${options.compose ?? ''} is not installed`)
  const images = await stackImages(daemon)
  const folder = mkdtempSync(join(tmpdir(), 'unjam-stack-'))
  cpSync(stackFolder, folder, { recursive: true, filter: (path) => !path.endsWith('__pycache__') })
  const project = `t${randomUUID().slice(0, 8)}`
  const [postgres, redis, api] = await Promise.all([freePort(), freePort(), freePort()])
  const [postgresPassword, redisPassword] = [randomUUID(), randomUUID()].map((one) => one.replaceAll('-', ''))
  const envFile = join(folder, '.env')
  writeFileSync(envFile, readFileSync(join(folder, '.env.example')))
  // What the quick tools do not look into, but the app looks for.
  mkdirSync(join(folder, 'models'))
  writeFileSync(join(folder, 'models/ggml-base.bin'), '')
  const settings = {
    COMPOSE_PROJECT_NAME: project,
    POSTGRES_PASSWORD: postgresPassword,
    REDIS_PASSWORD: redisPassword,
    POSTGRES_PORT: String(postgres),
    REDIS_PORT: String(redis),
    API_PORT: String(api),
    POSTGRES_IMAGE: images.postgres,
    REDIS_IMAGE: images.redis,
    APP_IMAGE: images.app,
    HEALTH_INTERVAL: '1s',
    STOP_GRACE_PERIOD: '1s',
    // A message of the enqueuer expires after it: a busy machine must have taken it by then.
    ENQUEUE_SECONDS: '3',
    HEARTBEAT_SECONDS: '1',
    STUCK_SECONDS: '900',
    ...options.env,
  }
  const processEnv = { ...daemon.env, ...cli.env }
  const [command = '', ...first] = cli.command
  const database = `postgresql://recordings:${postgresPassword}@127.0.0.1:${postgres}/recordings`
  const pool = openPool(database, 4, () => undefined)
  const stack: TestStack = {
    project,
    folder,
    envFile,
    daemon,
    database,
    broker: `redis://:${redisPassword}@127.0.0.1:${redis}/0`,
    results: `redis://:${redisPassword}@127.0.0.1:${redis}/1`,
    api: `http://127.0.0.1:${api}`,
    pool,
    processEnv,
    async compose(...args) {
      const { stdout } = await run(command, [...first, ...args], { cwd: folder, env: processEnv, maxBuffer: 1 << 26 })
      return stdout
    },
    setEnv(key, value) {
      const lines = readFileSync(envFile, 'utf8').split('\n')
      const at = lines.findIndex((line) => line.startsWith(`${key}=`) || line.startsWith(`#${key}=`))
      const line = value === null ? `#${key}=` : `${key}=${value}`
      if (at < 0) lines.push(line)
      else lines[at] = line
      writeFileSync(envFile, lines.join('\n'))
    },
    async healthy(withinMs = 60_000) {
      let seen = ''
      const all = ['ps', '--all', '--filter', `label=com.docker.compose.project=${project}`]
      try {
        await until(
          'every service is healthy',
          async () => {
            seen = await daemon.docker(...all, '--format', '{{.Names}}: {{.Status}}')
            const states = seen.split('\n').filter(Boolean)
            return states.length > 0 && states.every((state) => state.includes('(healthy)'))
          },
          withinMs,
        )
      } catch (error) {
        throw new Error(`${seen}\n${await stack.compose('logs', '--tail', '20')}`, { cause: error })
      }
    },
    async inspect(service) {
      const labels = { project, service, oneoff: 'False' }
      const filters = Object.entries(labels).flatMap(([key, value]) => [
        '--filter',
        `label=com.docker.compose.${key}=${value}`,
      ])
      const [id = ''] = (await daemon.docker('ps', '--all', '--quiet', ...filters)).split('\n')
      const [inspected] = JSON.parse(await daemon.docker('inspect', id)) as Inspected[]
      if (inspected === undefined) throw new Error(`no container of ${service}`)
      return inspected
    },
    async add(file) {
      const name = writeRecording(join(folder, 'recordings'), { title: `${randomUUID()}.m4a`, ...file })
      const { rows } = await pool.query<{ id: string }>(
        'INSERT INTO recordings (file_name, file_path) VALUES ($1, $2) RETURNING id::text',
        [name, `/recordings/${name}`],
      )
      return rows[0]?.id ?? ''
    },
    async down() {
      await pool.close()
      await stack.compose('down', '--volumes', '--timeout', '1')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const [key, value] of Object.entries(settings)) if (value !== undefined) stack.setEnv(key, value)
  if (options.up === false) return stack
  try {
    await stack.compose('up', '--detach', '--no-build')
    await stack.healthy()
  } catch (error) {
    await stack.down()
    throw error
  }
  return stack
}
