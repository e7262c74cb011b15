// Compose projects that run on an engine, each as a system ready to confirm: addresses from its containers' environments.
import type { Discovery, PartName } from '../../contract/connecting.ts'
import { passwordsIn } from '../../contract/secrets/url-display.ts'
import { SystemSettings } from '../../contract/settings.ts'
import { type Container, readContainers } from './container.ts'
import { type Endpoint, thisMachine } from './endpoint.ts'
import { createEngine } from './engine.ts'
import { layoutOf, listProjects } from './layout.ts'
import { hostOf, publishedPort, reachable } from './reachable.ts'

export interface Found {
  readonly discovery: Discovery
  /** Values of the `secret:` names in the proposal: for the caller to keep, never for a screen. */
  readonly secrets: Readonly<Record<string, string>>
}

export interface DiscoverOptions {
  /** As in the settings: an endpoint or `context:NAME`; absent: as the docker command finds it. */
  readonly docker?: string | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** Names that stacks use for one thing, the surest first. */
const VARIABLES = {
  database: ['DATABASE_URL', 'SQLALCHEMY_DATABASE_URI', 'POSTGRES_URL', 'DB_URL'],
  broker: ['CELERY_BROKER_URL', 'BROKER_URL', 'REDIS_URL'],
  results: ['CELERY_RESULT_BACKEND', 'RESULT_BACKEND', 'RESULT_URL'],
} as const
const PROTOCOLS = { database: /^postgres/, broker: /^rediss?:/, results: /^rediss?:/ }
const API = /^(api|web|backend|server|app)$/i

export async function discoverStacks(options: DiscoverOptions, signal: AbortSignal): Promise<Found[]> {
  const machine = {
    ...thisMachine(),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  }
  const engine = createEngine(options.docker ?? null, machine)
  const { endpoint } = await engine.facts(signal)
  const found: Found[] = []
  for (const project of await listProjects(engine, signal))
    found.push(propose(project, await readContainers(engine, project, signal), endpoint.endpoint, options.docker))
  return found
}

export function propose(
  project: string,
  containers: readonly Container[],
  engine: Endpoint,
  docker: string | undefined,
): Found {
  const id = idOf(project)
  const missing: string[] = []
  const secrets: Record<string, string> = {}
  const parts: Partial<Record<PartName, string>> = {}
  for (const part of ['database', 'broker', 'results'] as const) {
    const written = addressOf(part, containers)
    if (written === null) {
      if (part !== 'results') missing.push(`${part}: no container names one (${VARIABLES[part].join(', ')})`)
      continue
    }
    const reached = reachable(written, containers, engine)
    if ('missing' in reached) missing.push(`${part}: ${reached.missing}`)
    else if (passwordsIn(reached.url).length === 0) parts[part] = reached.url
    else {
      secrets[`${id}-${part}`] = reached.url
      parts[part] = `secret:${id}-${part}`
    }
  }
  const api = apiOf(containers, engine)
  if (api !== null) parts.api = api
  const layout = layoutOf(containers, project, null)
  if (!layout.filesHere)
    missing.push(`envFile: the compose files are not on this machine (${layout.configFiles.join(', ')})`)
  else if (layout.envFile !== null) parts.envFile = layout.envFile
  const stack = { project, ...(docker === undefined ? {} : { docker }) }
  const { data = null } = SystemSettings.safeParse({ id, kind: 'recordings', ...parts, stack })
  return {
    discovery: { project, sentence: sentenceOf(project, containers), proposal: data, missing },
    secrets: data === null ? {} : secrets,
  }
}

/** The first variable that any container has; of Postgres' own container, its user, password and database. */
function addressOf(part: keyof typeof VARIABLES, containers: readonly Container[]): string | null {
  const environments = containers.map(environmentOf)
  for (const name of VARIABLES[part])
    for (const environment of environments) {
      const value = environment.get(name)
      if (value !== undefined && PROTOCOLS[part].test(value)) return value
    }
  if (part !== 'database') return null
  for (const container of containers) {
    const environment = environmentOf(container)
    const password = environment.get('POSTGRES_PASSWORD')
    if (password === undefined || !/postgres/i.test(`${container.inspect.Config.Image} ${container.compose.service}`))
      continue
    const user = environment.get('POSTGRES_USER') ?? 'postgres'
    const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
    return `postgresql://${credentials}@${container.compose.service}:5432/${environment.get('POSTGRES_DB') ?? user}`
  }
  return null
}

function environmentOf({ inspect }: Container): ReadonlyMap<string, string> {
  return new Map(
    (inspect.Config.Env ?? []).map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, Math.max(0, at)), line.slice(at + 1)]
    }),
  )
}

function apiOf(containers: readonly Container[], engine: Endpoint): string | null {
  for (const container of containers) {
    if (!API.test(container.compose.service)) continue
    for (const inside of Object.keys(container.inspect.NetworkSettings.Ports ?? {})) {
      const port = publishedPort(container, inside.replace(/\/tcp$/, ''), engine)
      if (port !== null) return `http://${hostOf(engine)}:${port}`
    }
  }
  return null
}

function sentenceOf(project: string, containers: readonly Container[]): string {
  const services = [...new Set(containers.map(({ compose }) => compose.service))]
  const running = containers.filter(({ inspect }) => inspect.State.Running).length
  return `${project}: ${running} of ${containers.length} containers run (${services.join(', ')}).`
}

/** A compose project's name is nearly a system's: no underscores there, and at most 40 characters. */
function idOf(project: string): string {
  const id = project
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 28)
  return id === '' || id === 'local' ? 'stack' : id
}
