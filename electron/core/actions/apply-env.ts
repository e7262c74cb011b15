// Writes .env, recreates what uses it and reads the value back; when that fails, file and containers go back.
import * as z from 'zod'
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import { MASK, secretsIn } from '../env-mask.ts'
import { differs } from '../env-state.ts'
import { parseEnv } from '../env-text.ts'
import { needed } from '../missing-part.ts'
import type { EnvFile, Recreated, Stack } from '../ports/stack.ts'
import { capital, count, listed, plural } from '../wording.ts'
import type { Done, Undone, World } from './action.ts'
import { type EnvPlan, shown, TRIED } from './frozen-env.ts'

type Values = Record<string, string | null>
type Failed = Extract<Recreated, { ok: false }>
const LOG_LINES = 5

const Trail = z.object({
  /** The text as it was, and the hash of the file as it was left. */
  before: z.string(),
  hash: z.string(),
  services: z.array(z.string()),
  values: z.record(z.string(), z.string().nullable()),
})

/**
 * Backup, atomic write, recreate, read back. A crash after the write leaves a file that containers do not have yet: the
 * .env then reads as not applied, and the same action applies it.
 */
export async function applyEnv(plan: EnvPlan, world: World): Promise<Done> {
  const env = needed(world.system, 'env', TRIED)
  const writes = plan.after !== plan.before.text
  const written = writes ? await env.replace(plan.after, plan.before.hash) : null
  const { stack } = world.system
  const services = [...plan.services.keys()]
  const outcome =
    stack === null || services.length === 0
      ? { ok: true as const, notes: [] }
      : await recreateAndRead(stack, plan, world.signal)
  if (!outcome.ok) throw await takeBack(plan, outcome, written, env, stack, world.signal)
  const trail = { before: plan.before.text, hash: written?.hash ?? '', services, values: valuesOf(plan, 'from') }
  return {
    count: plan.count ?? plan.changes.size,
    left: [],
    summary: [done(plan), ...outcome.notes].join(' '),
    trail: written === null ? null : JSON.stringify(trail),
  }
}

/** The old text and, with it, the old values: only where the file is still as the action left it. */
export async function undoEnv(trail: string, world: World): Promise<Undone> {
  const { before, hash, services, values } = Trail.parse(JSON.parse(trail))
  const env = needed(world.system, 'env', 'Undo')
  const now = await env.read(world.signal)
  // As before already: an undo that was cut off after its write.
  if (now.text !== before) {
    if (now.hash !== hash)
      return { restored: 0, left: [{ id: env.path, because: 'it was edited since; its text stays as it is' }] }
    await env.replace(before, hash)
  }
  const { stack } = world.system
  if (stack !== null && services.length > 0) {
    const there = new Set((await stack.services(world.signal)).map(({ service }) => service))
    const again = services.filter((service) => there.has(service))
    const outcome = again.length === 0 ? null : await recreated(stack, again, values, world.signal)
    if (outcome?.ok === false)
      throw new FailureError({
        kind: 'refused',
        tried: 'Undo',
        on: env.path,
        because: `the old text is back, but the containers did not take it: ${told(outcome, [before])}`,
        remedy: 'Look at the services; undo can be tried again.',
      })
  }
  return { restored: Object.keys(values).length, left: [] }
}

async function recreateAndRead(
  stack: Stack,
  plan: EnvPlan,
  signal: AbortSignal,
): Promise<{ ok: true; notes: string[] } | Failed> {
  const services = [...plan.services.keys()]
  const outcome = await recreated(stack, services, valuesOf(plan, 'to'), signal)
  if (!outcome.ok) return outcome
  const { stuck, notes } = await readBack(stack, plan, signal)
  if (stuck === null) return { ok: true, notes: [...outcome.notes, ...notes] }
  return { ok: false, way: outcome.way, because: stuck, log: [], rolledBack: false }
}

/** Whatever goes wrong while containers change hands is an outcome here: the file has to go back. */
async function recreated(stack: Stack, services: string[], changes: Values, signal: AbortSignal): Promise<Recreated> {
  try {
    return await stack.recreate(services, changes, signal)
  } catch (error) {
    const { because } = toFailure(error, 'Recreate the services')
    return { ok: false, way: 'compose', because, log: [], rolledBack: false }
  }
}

/** `stuck`: a variable followed the file until now, and did not this time. */
async function readBack(
  stack: Stack,
  plan: EnvPlan,
  signal: AbortSignal,
): Promise<{ stuck: string | null; notes: string[] }> {
  let seen: Awaited<ReturnType<Stack['environments']>>
  try {
    seen = await stack.environments(signal)
  } catch (error) {
    const because = sentence(toFailure(error, 'Read the values back'))
    return { stuck: null, notes: [`The values could not be read back: ${because}`] }
  }
  const had = plan.use.environments ?? []
  const has: string[] = []
  for (const { service, values } of seen) {
    for (const key of plan.services.get(service) ?? []) {
      const { from, to } = plan.changes.get(key) ?? { from: null, to: null }
      const value = values[key]
      if (value === undefined || to === null) continue
      if (!differs(key, to, value)) has.push(`${service} has ${key}=${shown(key, value)}`)
      else if (from !== to && value === from && had.some((one) => one.service === service && one.values[key] === from))
        return {
          stuck: `${service} still has ${key}=${shown(key, value)}: something else than the file sets it`,
          notes: [],
        }
      else has.push(`${service} has ${key}=${shown(key, value)}, as its compose file makes it`)
    }
  }
  return { stuck: null, notes: has.length === 0 ? [] : [`Read back: ${listed([...new Set(has)], 4)}.`] }
}

/** Puts file and containers back, and says in one failure what happened and how things stand. */
async function takeBack(
  plan: EnvPlan,
  failed: Failed,
  written: { backup: string; hash: string } | null,
  env: EnvFile,
  stack: Stack | null,
  signal: AbortSignal,
): Promise<FailureError> {
  const stands: string[] = []
  let fileIsBack = true
  if (written !== null)
    try {
      await env.replace(plan.before.text, written.hash)
      stands.push('the file is as it was')
    } catch (error) {
      fileIsBack = false
      stands.push(
        `the file stays as written (${toFailure(error, 'Restore the .env').because}); its old text is in ${written.backup}`,
      )
    }
  if (failed.rolledBack) stands.push('the old containers run')
  else if (stack !== null && fileIsBack && written !== null) {
    const again = await recreated(stack, [...plan.services.keys()], valuesOf(plan, 'from'), signal)
    stands.push(
      again.ok
        ? 'new containers have the old values'
        : `but the containers could not be brought back: ${told(again, [plan.before.text, plan.after])}`,
    )
  } else stands.push('the containers are as the failure left them')
  return new FailureError({
    kind: 'refused',
    tried: plan.title,
    on: plan.path,
    because: told(failed, [plan.before.text, plan.after]),
    remedy: `${capital(stands.join(', '))}.`,
  })
}

/** Why, with the end of the log; secrets of the file are masked in both. */
function told({ because, log }: Failed, texts: readonly string[]): string {
  const lines = log.map((line) => line.trim()).filter((line) => line !== '')
  const end = lines.length === 0 ? '' : `; its log ends: ${lines.slice(-LOG_LINES).join(' ⏎ ')}`
  const secrets = texts.flatMap((text) => secretsIn(parseEnv(text).values))
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), because.replace(/\.$/, '') + end)
}

function done(plan: EnvPlan): string {
  const services = [...plan.services.keys()]
  const n = services.length
  const what =
    plan.after === plan.before.text
      ? 'The file said so already'
      : `${count(plan.changes.size, 'value')} of .env ${plural(plan.changes.size, 'was', 'were')} changed`
  if (plan.stack === 'none') return `${what}; no compose stack is configured, so nothing was recreated.`
  return n === 0
    ? `${what}; no service of the stack uses it.`
    : `${what}; ${listed(services, 5)} ${plural(n, 'was', 'were')} recreated.`
}

function valuesOf(plan: EnvPlan, side: 'from' | 'to'): Values {
  return Object.fromEntries([...plan.changes].map(([key, change]) => [key, change[side]]))
}
