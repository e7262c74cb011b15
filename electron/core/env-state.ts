// What a stack's .env says, beside what its running containers have: the drift that a plain restart leaves.
import { FailureError } from '../contract/failure.ts'
import { findKnown, type KnownSecrets } from '../contract/secrets/known-text.ts'
import { isSecret, maskValue } from '../contract/secrets/mask-value.ts'
import type { EnvEntry, EnvState, EnvView } from '../contract/service.ts'
import { faultOf, knownKey, knownKeys, TASK_TIMEOUT } from './env-keys.ts'
import { maskEnv } from './env-mask.ts'
import { envSecrets } from './env-secrets.ts'
import { type ParsedEnv, parseEnv } from './env-text.ts'
import type { EnvFile, Stack } from './ports/stack.ts'

type Uses = Awaited<ReturnType<Stack['uses']>>
type Environments = Awaited<ReturnType<Stack['environments']>>

/** What the stack tells about the file's keys; a stack that cannot be asked leaves the file readable all the same. */
export interface EnvUse {
  readonly uses: Uses
  /** null: the engine cannot be asked. */
  readonly environments: Environments | null
}

/** Reads the file and the containers; secrets are masked in what is returned. */
export async function readEnvState(env: EnvFile, stack: Stack | null, signal: AbortSignal): Promise<EnvState> {
  const [{ text }, use] = await Promise.all([env.read(signal), readEnvUse(stack, signal)])
  return { path: env.path, entries: entriesOf(parseEnv(text), use, findKnown(envSecrets(text))) }
}

/** The same with the whole text, for the raw editor. */
export async function readEnvView(env: EnvFile, stack: Stack | null, signal: AbortSignal): Promise<EnvView> {
  const [{ text, hash }, use] = await Promise.all([env.read(signal), readEnvUse(stack, signal)])
  const parsed = parseEnv(text)
  const known = findKnown(envSecrets(text))
  const faults = [...parsed.values].flatMap(([key, value]) => {
    const fault = faultOf(key, value)
    return fault === null
      ? []
      : [`${key} is ${value === '' ? 'empty' : `“${maskValue(key, value, known)}”`}, but ${fault}.`]
  })
  return {
    path: env.path,
    entries: entriesOf(parsed, use, known),
    text: maskEnv(text),
    hash,
    lineEnding: parsed.lineEnding,
    bom: parsed.bom,
    warnings: [...parsed.warnings, ...faults],
  }
}

/** One value as compose reads it, not masked; null where the file does not set the key. */
export async function readEnvValue(env: EnvFile, key: string, signal: AbortSignal): Promise<string | null> {
  return parseEnv((await env.read(signal)).text).values.get(key) ?? null
}

export async function readEnvUse(stack: Stack | null, signal: AbortSignal): Promise<EnvUse> {
  const unread = (error: unknown): null => {
    if (error instanceof FailureError) return null
    throw error
  }
  if (stack === null) return { uses: null, environments: [] }
  const [uses, environments] = await Promise.all([
    stack.uses(signal).catch(unread),
    stack.environments(signal).catch(unread),
  ])
  return { uses, environments }
}

/**
 * Services that a changed key reaches: by the compose files, or by what the containers carry where those cannot be
 * read. A key that is new to the file reaches whoever takes the whole file (`env_file`).
 */
export function servicesFor(
  key: string,
  values: ReadonlyMap<string, string>,
  { uses, environments }: EnvUse,
): string[] {
  if (uses === null)
    return unique((environments ?? []).filter((one) => Object.hasOwn(one.values, key)).map(({ service }) => service))
  const users = Object.hasOwn(uses, key) ? (uses[key] ?? []) : []
  const [first, ...others] = [...values.keys()].map((one) => (Object.hasOwn(uses, one) ? (uses[one] ?? []) : []))
  const whole = (first ?? []).filter((service) => others.every((some) => some.includes(service)))
  return unique([...users, ...(values.has(key) || values.size < 2 ? [] : whole)])
}

/** TASK_TIMEOUT_SECONDS of the running containers, else of the file; null is no limit (runbook 1: omitted or 0). */
export function taskTimeoutMs(state: EnvState): number | null {
  const entry = state.entries.find(({ key }) => key === TASK_TIMEOUT)
  if (entry === undefined) return null
  const carried = entry.running.filter(({ value }) => value !== null)
  // Beat or the API may carry it too; what kills tasks is the worker's.
  const workers = carried.filter(({ service }) => /worker/i.test(service))
  const values = (workers.length > 0 ? workers : carried).map(({ value }) => value)
  const limits = (values.length > 0 ? values : [entry.value]).map((value) => Number(value ?? 0)).filter((s) => s > 0)
  return limits.length === 0 ? null : Math.min(...limits) * 1000
}

/** Keys of the file in its order, then those that only the compose files or the containers know. */
function entriesOf(parsed: ParsedEnv, use: EnvUse, secrets: KnownSecrets): EnvEntry[] {
  const mentioned = parsed.pieces.flatMap((piece) => (piece.kind === 'other' ? [] : [piece.key]))
  const carried = new Set((use.environments ?? []).flatMap(({ values }) => Object.keys(values)))
  const used = Object.keys(use.uses ?? {})
  const known = knownKeys().filter((key) => key === TASK_TIMEOUT || carried.has(key))
  return unique([...mentioned, ...used, ...known]).map((key) =>
    entryOf(key, parsed.values.get(key) ?? null, use, secrets),
  )
}

/** Services with a container that has another value than the file. */
export function unapplied(key: string, value: string | null, use: EnvUse): string[] {
  const services = use.uses === null ? null : Object.hasOwn(use.uses, key) ? (use.uses[key] ?? []) : []
  if (value === null) return []
  return unique(
    carriersOf(key, use)
      .filter(
        (one) => one.value !== null && (services?.includes(one.service) ?? true) && differs(key, value, one.value),
      )
      .map(({ service }) => service),
  )
}

function carriersOf(key: string, { environments }: EnvUse): { service: string; value: string | null }[] {
  return (environments ?? []).map(({ service, values }) => ({
    service,
    value: Object.hasOwn(values, key) ? (values[key] ?? null) : null,
  }))
}

function entryOf(key: string, value: string | null, use: EnvUse, secrets: KnownSecrets): EnvEntry {
  const { uses } = use
  const services = uses === null ? null : Object.hasOwn(uses, key) ? [...(uses[key] ?? [])] : []
  const running = carriersOf(key, use).filter((one) => one.value !== null || services?.includes(one.service))
  const known = knownKey(key)
  const values = [value, ...running.map((one) => one.value)]
  const shown = (one: string | null) => (one === null ? null : maskValue(key, one, secrets))
  return {
    key,
    value: shown(value),
    secret: values.some((one) => isSecret(key, one) || shown(one) !== one),
    meaning: known?.meaning ?? null,
    unit: known?.unit ?? null,
    services,
    running: distinct(running).map((one) => ({
      service: one.service,
      value: shown(one.value),
    })),
    unapplied: unapplied(key, value, use).length > 0,
  }
}

/**
 * Another value than the file's can only have been left by an edit without a recreate. Not so where the compose file
 * builds the variable from it (`/models/${MODEL}`), nor for a port of this machine, which has the same name inside. A key
 * that the file lacks proves nothing: the compose file may have a default.
 */
export function differs(key: string, file: string, container: string): boolean {
  if (file === container || /_PORT$/.test(key)) return false
  const at = file === '' ? -1 : container.indexOf(file)
  if (at < 0) return true
  return /\w$/.test(container.slice(0, at)) || /^\w/.test(container.slice(at + file.length))
}

/** Replicas of a service that carry the same value are one row. */
function distinct<T extends { service: string; value: string | null }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.service, row.value]), row])).values()]
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
