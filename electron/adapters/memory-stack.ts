// A compose stack in memory, for samples: services that obey, containers that keep the values they were made with.
import { createHash } from 'node:crypto'
import type { Service } from '../contract/service.ts'
import type { Stack } from '../core/ports/stack.ts'
import { type MemoryLogs, memoryLogs } from './memory-logs.ts'

export interface SampleService {
  readonly service: string
  readonly image: string
  /** Keys of .env that its definition uses. */
  readonly uses: readonly string[]
  readonly healthCheck?: boolean
  readonly memoryBytes?: number
  /** Of one core. */
  readonly cpuPercent?: number
  readonly startedMs: number
  /** Why it cannot have replicas (a fixed port). */
  readonly single?: string
}

export interface MemoryStackOptions {
  readonly project: string
  readonly services: readonly SampleService[]
  /** What the .env says now. */
  values(): ReadonlyMap<string, string>
  /** Containers came, went or were made anew. */
  changed(): void
  nowMs(): number
}

export interface MemoryStack extends Stack {
  readonly logged: MemoryLogs
  containers(service: string): readonly Service[]
  /** What a running container was made with. */
  valuesIn(container: string): Readonly<Record<string, string>>
}

export function memoryStack(options: MemoryStackOptions): MemoryStack {
  const { project, services, values, changed, nowMs } = options
  const logged = memoryLogs()
  const inside = new Map<string, Readonly<Record<string, string>>>()
  let made = 0
  let all: readonly Service[] = services.map((one) => make(one, 1, one.startedMs))

  function make(of: SampleService, number: number, startedMs: number): Service {
    const container = `${project}-${of.service}-${number}`
    inside.set(container, Object.fromEntries(of.uses.flatMap((key) => [[key, values().get(key) ?? ''] as const])))
    const id = createHash('sha256').update(`${container} ${++made}`).digest('hex').slice(0, 12)
    return {
      ...{ id, service: of.service, container, number, image: of.image, state: 'running' },
      ...{ health: of.healthCheck === true ? 'healthy' : null, healthOutput: null, restarts: 0, exitCode: null },
      ...{
        outOfMemory: false,
        startedAt: new Date(startedMs).toISOString(),
        endedAt: null,
        cpuPercent: of.cpuPercent ?? null,
      },
      ...{ memoryBytes: of.memoryBytes ?? null, memoryLimitBytes: null, stopGraceMs: 10_000, ports: [] },
      shell: `docker compose exec ${of.service} sh`,
    }
  }

  function change(service: string, to: (one: Service) => Service): void {
    all = all.map((one) => (one.service === service ? to(one) : one))
    changed()
  }
  const of = (service: string) => services.find((one) => one.service === service)
  const now = () => new Date(nowMs()).toISOString()
  const up = (one: Service): Service => ({ ...one, state: 'running', exitCode: null, startedAt: now(), endedAt: null })

  return {
    logged,
    containers: (service) => all.filter((one) => one.service === service && one.state === 'running'),
    valuesIn: (container) => inside.get(container) ?? {},
    info: async () => ({
      ...{ project, workingDir: '/sample/app', configFiles: ['/sample/app/docker-compose.yml'] },
      ...{ envFile: '/sample/app/.env', filesHere: true, compose: '2.26.1' },
      engine: {
        endpoint: 'sample, in memory',
        version: '20.10.24',
        apiVersion: '1.41',
        os: 'linux',
        product: null,
        memoryBytes: null,
      },
    }),
    services: async () => all,
    onChange: () => () => undefined,
    logs: async (query) => logged.page(query),
    environments: async () =>
      all
        .filter(({ state }) => state === 'running')
        .map(({ service, container }) => ({ service, container, values: inside.get(container) ?? {} })),
    async uses() {
      const keys = [...new Set(services.flatMap(({ uses }) => uses))]
      const users = (key: string) => services.filter(({ uses }) => uses.includes(key)).map(({ service }) => service)
      return Object.fromEntries(keys.map((key) => [key, users(key)]))
    },
    start: async (service) => change(service, (one) => (one.state === 'running' ? one : up(one))),
    stop: async (service) => change(service, (one) => ({ ...one, state: 'exited', exitCode: 0, endedAt: now() })),
    restart: async (service) => change(service, up),
    async scalable(service) {
      const because = of(service)?.single
      return because === undefined ? { can: true } : { can: false, because }
    },
    async scale(service, replicas) {
      const theirs = all.filter((one) => one.service === service)
      const definition = of(service)
      if (definition !== undefined) {
        const kept = theirs.slice(0, replicas).map((one) => (one.state === 'running' ? one : up(one)))
        const next = Array.from({ length: replicas }, (_, at) => kept[at] ?? make(definition, at + 1, nowMs()))
        all = [...all.filter((one) => one.service !== service), ...next]
      }
      changed()
      return { from: theirs.length, to: replicas }
    },
    async recreate(names) {
      all = all.map((one) => {
        const definition = names.includes(one.service) ? of(one.service) : undefined
        if (definition === undefined) return one
        const fresh = make(definition, one.number, nowMs())
        // As the engine has it: a stopped container is replaced by one that was not started.
        const runs = one.state === 'running' || one.state === 'restarting' || one.state === 'paused'
        return runs ? fresh : { ...fresh, state: 'created', health: null, startedAt: null }
      })
      changed()
      return { ok: true, way: 'compose', notes: [] }
    },
    command: (verb, names) => `docker compose ${verb === 'recreate' ? 'up -d' : verb} ${names.join(' ')}`,
    scaleCommand: (name, replicas) => `docker compose up -d --no-recreate --scale ${name}=${replicas} ${name}`,
    recover: async () => [],
    pending: () => [],
    close: async () => undefined,
  }
}
