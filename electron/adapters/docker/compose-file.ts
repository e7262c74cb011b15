// A stack's compose files: which service uses which key of .env, and where. Read as text, without running compose.
import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { FailureError } from '../../contract/failure.ts'
import { namesIn } from './interpolate.ts'
import { resolveIn } from './labels.ts'

export interface ServiceUse {
  /** Variables of the container: its value as written (`${KEY:-0}`); null takes the key of the same name as it is. */
  readonly environment: ReadonlyMap<string, string | null>
  /** Files whose every key becomes a variable. */
  readonly envFiles: readonly string[]
  /** Keys used elsewhere in the definition: image, command, ports, limits. */
  readonly elsewhere: ReadonlySet<string>
  /** It sets `container_name`, so there can be one container only. */
  readonly named: boolean
}

export type ComposeServices = ReadonlyMap<string, ServiceUse>

type Read = (path: string) => Promise<string>
const MOST_FILES = 50

/** @throws invalid with file and line when a file is no YAML, missing when it is not there. */
export async function readComposeFiles(
  files: readonly string[],
  read: Read = (path) => readFile(path, 'utf8'),
): Promise<ComposeServices> {
  const cache = new Map<string, Promise<Definitions>>()
  const definitions = (file: string): Promise<Definitions> => {
    if (cache.size > MOST_FILES) throw invalid(file, null, `it extends more than ${MOST_FILES} files`)
    const known = cache.get(file) ?? load(file, read)
    cache.set(file, known)
    return known
  }
  const services = new Map<string, ServiceUse>()
  for (const file of files)
    for (const name of (await definitions(file)).keys()) {
      const use = await wholeUse(file, name, definitions, new Set())
      services.set(name, merged(services.get(name) ?? null, use))
    }
  return services
}

/** For each key of .env the services whose definition uses it. `keysOf` tells the keys of an env_file, or null. */
export function usesOf(
  services: ComposeServices,
  keysOf: (file: string) => readonly string[],
): Record<string, readonly string[]> {
  const uses = new Map<string, Set<string>>()
  for (const [service, use] of services) {
    const own = [...use.environment].flatMap(([name, value]) => (value === null ? [name] : [...namesIn(value)]))
    for (const key of [...own, ...use.elsewhere, ...use.envFiles.flatMap(keysOf)])
      uses.set(key, (uses.get(key) ?? new Set()).add(service))
  }
  return Object.fromEntries([...uses].map(([key, names]) => [key, [...names].sort()]))
}

type Definitions = ReadonlyMap<string, Record<string, unknown>>

async function load(file: string, read: Read): Promise<Definitions> {
  const text = await read(file).catch((error: unknown) => {
    throw invalid(file, null, error instanceof Error ? `it cannot be read: ${error.message}` : 'it cannot be read')
  })
  const document = parseDocument(text, { merge: true, prettyErrors: true, uniqueKeys: true })
  const [error] = document.errors
  if (error !== undefined)
    throw invalid(file, error.linePos?.[0].line ?? null, error.message.split('\n')[0] ?? error.code)
  const root: unknown = document.toJS({ maxAliasCount: 1000 })
  if (!isMap(root) || (root.services !== undefined && !isMap(root.services)))
    throw invalid(file, 1, 'it has no map of services')
  const services = isMap(root.services) ? root.services : {}
  return new Map(Object.entries(services).map(([name, one]) => [name, isMap(one) ? one : {}]))
}

async function wholeUse(
  file: string,
  service: string,
  load: (file: string) => Promise<Definitions>,
  above: ReadonlySet<string>,
): Promise<ServiceUse> {
  const definition = (await load(file)).get(service) ?? {}
  const own = ownUse(file, definition)
  const place = `${file}#${service}`
  const base = baseOf(file, definition)
  // A circle is compose's to complain about.
  if (base === null || above.has(place)) return own
  return merged(await wholeUse(base.file, base.service, load, new Set([...above, place])), own)
}

function ownUse(file: string, definition: Record<string, unknown>): ServiceUse {
  const { environment, env_file, extends: _extends, ...rest } = definition
  const folder = resolveIn(file, '..')
  return {
    environment: environmentOf(environment),
    envFiles: envFilesOf(env_file).map((path) => resolveIn(folder, path)),
    elsewhere: new Set([...texts(rest)].flatMap((text) => [...namesIn(text)])),
    named: definition.container_name !== undefined,
  }
}

function merged(base: ServiceUse | null, over: ServiceUse): ServiceUse {
  if (base === null) return over
  return {
    environment: new Map([...base.environment, ...over.environment]),
    envFiles: [...base.envFiles, ...over.envFiles],
    elsewhere: new Set([...base.elsewhere, ...over.elsewhere]),
    named: base.named || over.named,
  }
}

function baseOf(file: string, definition: Record<string, unknown>): { file: string; service: string } | null {
  const base = definition.extends
  if (typeof base === 'string') return { file, service: base }
  if (!isMap(base) || typeof base.service !== 'string') return null
  return {
    file: typeof base.file === 'string' ? resolveIn(resolveIn(file, '..'), base.file) : file,
    service: base.service,
  }
}

/** `KEY: value`, `KEY:`, `- KEY=value` or `- KEY`. */
function environmentOf(environment: unknown): ReadonlyMap<string, string | null> {
  if (isMap(environment))
    return new Map(Object.entries(environment).map(([name, value]) => [name, value === null ? null : String(value)]))
  if (!Array.isArray(environment)) return new Map()
  return new Map(
    environment.map((entry) => {
      const [, name = '', value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(String(entry)) ?? []
      return [name, value ?? null]
    }),
  )
}

/** `env_file: a`, `[a, b]` or `[{path: a}]`. */
function envFilesOf(entry: unknown): string[] {
  return (Array.isArray(entry) ? entry : [entry]).flatMap((one) =>
    typeof one === 'string' ? [one] : isMap(one) && typeof one.path === 'string' ? [one.path] : [],
  )
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const one of value) yield* texts(one)
  else if (isMap(value)) for (const one of Object.values(value)) yield* texts(one)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(file: string, line: number | null, because: string): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Read the compose file',
    on: line === null ? file : `${file}, line ${line}`,
    because: because.replace(/[.:]$/, ''),
    remedy: 'Correct it; docker compose config says whether it is right.',
  })
}
