// A compose stack in memory for tests of policy: services that obey at once, and say what they were told.
import type { Service } from '../../electron/contract/service.ts'
import type { Can } from '../../electron/core/ports/jobs.ts'
import type { Stack } from '../../electron/core/ports/stack.ts'
import { service } from './stack-builders.ts'

export interface MemoryStack extends Stack {
  list: Service[]
  /** `stop worker`, in order. */
  readonly told: string[]
  /** Services that cannot be scaled, with the sentence. */
  readonly fixed: Map<string, string>
  /** Services that do what they are told and fail. */
  readonly broken: Map<string, Error>
}

export function memoryStack(list: readonly Service[]): MemoryStack {
  const told: string[] = []
  const broken = new Map<string, Error>()
  const fixed = new Map<string, string>()
  const tell = (verb: string, name: string, state: Service['state']) => {
    told.push(`${verb} ${name}`)
    const error = broken.get(name)
    if (error !== undefined) throw error
    stack.list = stack.list.map((one) => (one.service === name ? { ...one, state } : one))
  }
  const can = (name: string): Can => {
    const because = fixed.get(name)
    return because === undefined ? { can: true } : { can: false, because }
  }
  const stack: MemoryStack = {
    list: [...list],
    told,
    fixed,
    broken,
    info: async () => ({
      ...{ project: 'app', workingDir: '/app', configFiles: ['/app/docker-compose.yml'], envFile: '/app/.env' },
      ...{ filesHere: true, compose: '2.26.1' },
      engine: {
        endpoint: 'unix:///var/run/docker.sock',
        version: '20.10.24',
        apiVersion: '1.41',
        os: 'linux',
        product: null,
        memoryBytes: null,
      },
    }),
    services: async () => stack.list,
    onChange: () => () => undefined,
    logs: async () => ({ lines: [], cursor: '' }),
    environments: async () => [],
    uses: async () => ({}),
    start: async (name) => tell('start', name, 'running'),
    stop: async (name) => tell('stop', name, 'exited'),
    restart: async (name) => tell('restart', name, 'running'),
    scalable: async (name) => can(name),
    async scale(name, replicas) {
      const theirs = stack.list.filter((one) => one.service === name)
      tell(`scale=${replicas}`, name, 'running')
      const fresh = Array.from({ length: replicas }, (_, i) => theirs[i] ?? replica(name, i + 1))
      stack.list = [...stack.list.filter((one) => one.service !== name), ...fresh]
      return { from: theirs.length, to: replicas }
    },
    recreate: async () => ({ ok: true, way: 'compose', notes: [] }),
    command: (verb, services) => `docker compose ${verb} ${services.join(' ')}`,
    scaleCommand: (name, replicas) => `docker compose up -d --scale ${name}=${replicas} ${name}`,
    recover: async () => [],
    pending: () => [],
    close: async () => undefined,
  }
  return stack
}

/** Ids are as distinct as the engine's. */
export function replica(name: string, number: number, part: Partial<Service> = {}): Service {
  const id = Buffer.from(`${name}${number}`).toString('hex').padEnd(12, '0').slice(-12)
  return service({ id, service: name, container: `app-${name}-${number}`, number, image: `app-${name}`, ...part })
}
