// A .env and a stack that bakes its values into containers at create, as compose does; both in memory.
import { FailureError } from '../../electron/contract/failure.ts'
import { parseEnv } from '../../electron/core/env-text.ts'
import type { EnvFile, Recreated } from '../../electron/core/ports/stack.ts'
import { type MemoryStack, memoryStack, replica } from './memory-stack.ts'

export interface MemoryEnv extends EnvFile {
  text: string
  readonly backups: string[]
  /** Replaces that fail from now on, with this. */
  fails: Error | null
}

export function memoryEnv(text: string, path = '/app/.env'): MemoryEnv {
  const env: MemoryEnv = {
    path,
    text,
    backups: [],
    fails: null,
    read: async () => ({ text: env.text, hash: `hash of ${env.text}` }),
    removeLeftovers: async () => undefined,
    hashOf: (one) => `hash of ${one}`,
    backUp: async (hash) => backUp(hash),
    readBackup: async (backup) => {
      const kept = env.backups[Number(backup.slice('/app/backups/.env.'.length)) - 1] ?? ''
      return { text: kept, hash: `hash of ${kept}` }
    },
    async replace(next, hash, backup = backUp(hash)) {
      unchanged(hash)
      env.text = next
      return { backup, hash: `hash of ${next}` }
    },
  }
  function unchanged(hash: string): void {
    if (env.fails !== null) throw env.fails
    if (hash === `hash of ${env.text}`) return
    throw new FailureError({
      kind: 'stale',
      tried: 'Save the .env',
      on: path,
      because: 'it was changed since it was read',
      remedy: null,
    })
  }
  function backUp(hash: string): string {
    unchanged(hash)
    return `/app/backups/.env.${env.backups.push(env.text)}`
  }
  return env
}

export interface BakedStack extends MemoryStack {
  /** Values inside the containers of each service. */
  readonly inside: Map<string, Record<string, string>>
  /** `worker`, `api,worker`: each recreate. */
  readonly recreated: string[]
  /** Why a service does not come up with its values, or null. */
  refuses(service: string, values: Record<string, string>): string | null
  /** `engine` puts the old containers back by itself; `compose` does not. */
  way: 'compose' | 'engine'
  /** Values that the compose file sets whatever the .env says. */
  fixedValues: Record<string, string>
  usesKnown: boolean
  /** A recreate throws this. */
  throws: Error | null
}

/** @param uses services and the keys that each takes from .env; a key that is not set is empty inside. */
export function bakedStack(env: MemoryEnv | EnvFile, uses: Readonly<Record<string, readonly string[]>>): BakedStack {
  const inside = new Map<string, Record<string, string>>()
  let made = 0
  async function valuesOf(service: string): Promise<Record<string, string>> {
    const { values } = parseEnv((await env.read(new AbortController().signal)).text)
    const own = Object.fromEntries((uses[service] ?? []).map((key) => [key, values.get(key) ?? '']))
    return { PATH: '/usr/bin', ...own, ...stack.fixedValues }
  }
  const stack: BakedStack = Object.assign(memoryStack(Object.keys(uses).map((service) => replica(service, 1))), {
    inside,
    recreated: [],
    refuses: () => null,
    way: 'compose' as const,
    fixedValues: {},
    usesKnown: true,
    throws: null,
  })
  stack.environments = async () =>
    stack.list
      .filter(({ state }) => state === 'running')
      .map(({ service, container }) => ({ service, container, values: inside.get(service) ?? {} }))
  stack.uses = async () => {
    if (!stack.usesKnown) return null
    const keys = [...new Set(Object.values(uses).flat())]
    return Object.fromEntries(
      keys.map((key) => [key, Object.keys(uses).filter((service) => uses[service]?.includes(key))]),
    )
  }
  stack.info = ((info) => async (signal) => ({
    ...(await info(signal)),
    compose: stack.way === 'compose' ? '2.26.1' : null,
  }))(stack.info)
  stack.recreate = async (services): Promise<Recreated> => {
    stack.recreated.push(services.join(','))
    if (stack.throws !== null) throw stack.throws
    for (const service of services) {
      const values = await valuesOf(service)
      const because = stack.refuses(service, values)
      if (because !== null && stack.way === 'engine') return failed(because, true)
      inside.set(service, values)
      stack.list = stack.list.map((one) =>
        one.service === service
          ? { ...one, id: `made${++made}`.padEnd(12, '0'), state: because === null ? 'running' : 'restarting' }
          : one,
      )
      if (because !== null) return failed(because, false)
    }
    return { ok: true, way: stack.way, notes: [] }
  }
  const failed = (because: string, rolledBack: boolean): Recreated => ({
    ok: false,
    way: stack.way,
    because,
    log: ['starting', `connecting to redis://:hunter22@redis`, 'ValueError: invalid literal for int()'],
    rolledBack,
  })
  return stack
}

/** A stack whose containers have what the .env says. */
export async function freshStack(...args: Parameters<typeof bakedStack>): Promise<BakedStack> {
  const stack = bakedStack(...args)
  await stack.recreate(Object.keys(args[1]), {}, new AbortController().signal)
  stack.recreated.length = 0
  return stack
}
