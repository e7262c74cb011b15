// A change of .env as a frozen set: the file by its hash, the containers it would replace by their ids.
import type { ActionRequest, DiffLine } from '../../contract/action.ts'
import { findKnown, type KnownSecrets } from '../../contract/secrets/known-text.ts'
import { MASK } from '../../contract/secrets/mask.ts'
import { maskValue } from '../../contract/secrets/mask-value.ts'
import type { Service } from '../../contract/service.ts'
import { diffEnv } from '../env-diff.ts'
import { faultOf, knownKey } from '../env-keys.ts'
import { unmaskEnv } from '../env-mask.ts'
import { envSecrets } from '../env-secrets.ts'
import { type EnvUse, readEnvUse, servicesFor, unapplied } from '../env-state.ts'
import { editEnv, type ParsedEnv, parseEnv } from '../env-text.ts'
import { needed } from '../missing-part.ts'
import type { EnvText } from '../ports/stack.ts'
import type { System } from '../ports/system.ts'
import { count } from '../wording.ts'
import type { Frozen, World } from './action.ts'
import { aboutJobs, aboutStores, jobsOn } from './frozen-service.ts'
import { invalid, refuse, stale } from './refuse.ts'

export const TRIED = 'Change .env'

export interface EnvPlan extends Frozen {
  readonly title: string
  readonly path: string
  readonly before: EnvText
  readonly after: string
  readonly diff: readonly DiffLine[]
  /** Values as compose reads them, before and after; null is absent. */
  readonly changes: ReadonlyMap<string, { from: string | null; to: string | null }>
  /** Services to recreate, each with the keys it uses; empty without a stack. */
  readonly services: ReadonlyMap<string, readonly string[]>
  readonly containers: readonly Service[]
  /** Services of the stack that stay. */
  readonly others: readonly string[]
  readonly use: EnvUse
  readonly stack: 'none' | 'compose' | 'engine'
  readonly command: string | null
  /** Every secret of the file, before and after. */
  readonly secrets: KnownSecrets
  /** Sentences for the preview: running jobs that end, doubtful values, warnings. */
  readonly know: readonly string[]
}

export async function freezeEnv(request: ActionRequest, world: World): Promise<EnvPlan> {
  const { system, signal } = world
  const env = needed(system, 'env', TRIED)
  const [before, use] = await Promise.all([env.read(signal), readEnvUse(system.stack, signal)])
  const { after, warnings } = textAfter(request.params, before, env.path)
  const old = parseEnv(before.text)
  const fresh = parseEnv(after)
  const changes = changesOf(old, fresh)
  const drifted = driftOf(request.params, old, use)
  if (after === before.text && drifted.size === 0)
    throw refuse(TRIED, env.path, 'the file says so already, and no running container is known to have another value')
  const wanted = new Map([...changes.keys()].map((key) => [key, servicesFor(key, old.values, use)]))
  for (const [key, services] of drifted) wanted.set(key, [...(wanted.get(key) ?? []), ...services])
  const part = await stackPart(system, wanted, signal)
  const about = aboutJobs(await jobsOn(part.containers, part.all, world), part.containers)
  const secrets = findKnown([...envSecrets(before.text), ...envSecrets(after)])
  const keys = changes.size > 0 ? changes : new Map([...drifted.keys()].map((key) => [key, same(old, key)]))
  return {
    title: titleOf(request.params, keys, secrets),
    path: env.path,
    before,
    after,
    diff: diffEnv(before.text, after),
    changes: keys,
    ...part,
    use,
    secrets,
    know: [...cautions(keys, secrets), ...warnings, ...aboutStores(part), ...about],
    items: [
      { id: env.path, title: env.path, note: '', fingerprint: before.hash },
      ...part.containers.map(({ id, container, service }) => ({
        id,
        title: container,
        note: service,
        fingerprint: id,
      })),
    ],
    count: Math.max(keys.size, 1),
    sample: [...keys].map(([key, { from, to }]) => ({
      id: key,
      title: key,
      note: `${shown(key, from, secrets)} → ${shown(key, to, secrets)}`,
    })),
    undoable: after !== before.text,
  }
}

/** The value as a person may see it. */
export function shown(key: string, value: string | null, secrets: KnownSecrets): string {
  if (value === null) return 'not set'
  return value === '' ? 'empty' : maskValue(key, value, secrets)
}

/** `KEY=value`, `KEY=none`; or the whole text as `.text`, made on top of the file whose hash is `.hash`. */
function textAfter(
  params: ActionRequest['params'],
  before: EnvText,
  path: string,
): { after: string; warnings: readonly string[] } {
  const { '.text': text, '.hash': hash, ...keys } = params
  const names = Object.keys(keys)
  const hidden = names.find((name) => name.startsWith('.'))
  if (hidden !== undefined)
    throw invalid(TRIED, path, `it knows no parameter ${hidden}, only .text, .hash and names of keys`)
  if (hash !== undefined && hash !== before.hash) throw stale(TRIED, path, 'the file was changed since it was opened')
  if (text === undefined) {
    if (names.length === 0) throw invalid(TRIED, path, 'no key is named', 'Name one as KEY=value, or KEY=none.')
    const masked = names.find((name) => keys[name]?.includes(MASK))
    if (masked !== undefined) throw invalid(TRIED, path, `${MASK} stands for a secret and is no value of ${masked}`)
    const edited = editEnv(
      before.text,
      Object.fromEntries(names.map((name) => [name, keys[name] === 'none' ? null : (keys[name] ?? '')])),
    )
    return { after: edited.text, warnings: edited.warnings }
  }
  if (names.length > 0) throw invalid(TRIED, path, 'either the whole text is given, or single keys')
  if (hash === undefined) throw invalid(TRIED, path, 'the whole text needs the .hash of the file it was made from')
  if (text.includes('\0') || !text.isWellFormed())
    throw invalid(TRIED, path, 'the text has signs that no .env can hold')
  const after = unmaskEnv(text, before.text)
  return { after, warnings: parseEnv(after).warnings }
}

/** Also keys whose line stayed, but which are made of one that changed. */
function changesOf(old: ParsedEnv, fresh: ParsedEnv): EnvPlan['changes'] {
  const keys = [...new Set([...old.values.keys(), ...fresh.values.keys()])]
  return new Map(
    keys.flatMap((key) => {
      const [from, to] = [old.values.get(key) ?? null, fresh.values.get(key) ?? null]
      return from === to ? [] : [[key, { from, to }]]
    }),
  )
}

/** Named keys (of a whole text: all) that a container has otherwise than the file says now. */
function driftOf(params: ActionRequest['params'], old: ParsedEnv, use: EnvUse): Map<string, string[]> {
  const named = params['.text'] === undefined ? Object.keys(params) : [...old.values.keys()]
  const all = named.map((key) => [key, unapplied(key, old.values.get(key) ?? null, use)] as const)
  return new Map(all.filter(([, services]) => services.length > 0))
}

function same(old: ParsedEnv, key: string): { from: string | null; to: string | null } {
  const value = old.values.get(key) ?? null
  return { from: value, to: value }
}

async function stackPart(
  { stack }: System,
  wanted: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal,
): Promise<Pick<EnvPlan, 'services' | 'containers' | 'others' | 'stack' | 'command'> & { all: readonly Service[] }> {
  if (stack === null) return { services: new Map(), containers: [], others: [], all: [], stack: 'none', command: null }
  const [info, all] = await Promise.all([stack.info(signal), stack.services(signal)])
  const there = [...new Set(all.map(({ service }) => service))]
  const services = new Map(
    there.flatMap((service) => {
      const keys = [...wanted].filter(([, users]) => users.includes(service)).map(([key]) => key)
      return keys.length === 0 ? [] : [[service, keys]]
    }),
  )
  return {
    services,
    containers: all.filter(({ service }) => services.has(service)),
    all,
    others: there.filter((service) => !services.has(service)),
    stack: info.compose === null ? 'engine' : 'compose',
    command: services.size === 0 ? null : stack.command('recreate', [...services.keys()]),
  }
}

function titleOf(params: ActionRequest['params'], changes: EnvPlan['changes'], secrets: KnownSecrets): string {
  if (params['.text'] !== undefined) return 'Save .env'
  const [first, ...more] = changes
  if (first === undefined) return TRIED
  if (more.length > 0) return `Change ${count(changes.size, 'value')} in .env`
  const [key, { to }] = first
  return to === null ? `Comment out ${key}` : `Set ${key} to ${shown(key, to, secrets)}`
}

function cautions(changes: EnvPlan['changes'], secrets: KnownSecrets): string[] {
  return [...changes].flatMap(([key, { to }]) => {
    const fault = to === null ? null : faultOf(key, to)
    const caution = knownKey(key)?.caution ?? null
    const doubt =
      fault === null || to === null
        ? []
        : [
            `${key} would be ${shown(key, to, secrets)}, but ${fault}. Should its service not come up with it, everything is put back.`,
          ]
    return [...doubt, ...(caution === null ? [] : [caution])]
  })
}
