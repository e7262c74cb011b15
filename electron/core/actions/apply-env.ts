// Writes .env, recreates what uses it and reads the value back; when that fails, file and containers go back.
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import { differs } from '../env-state.ts'
import { needed } from '../missing-part.ts'
import type { EnvFile, Stack } from '../ports/stack.ts'
import { capital, count, listed, plural } from '../wording.ts'
import type { Done, Operation, World } from './action.ts'
import { type EnvRecord, envDone } from './env-record.ts'
import { type EnvPlan, shown, TRIED } from './frozen-env.ts'
import { explain, type NotRecreated, recreated, type Values } from './recreate-services.ts'

/** Backup, intent, atomic write, recreate, read back. */
export async function applyEnv(plan: EnvPlan, world: World, operation: Operation): Promise<Done> {
  const env = needed(world.system, 'env', TRIED)
  const writes = plan.after !== plan.before.text
  const services = [...plan.services.keys()]
  const record: EnvRecord = {
    backup: writes ? await env.backUp(plan.before.hash) : '',
    before: plan.before.hash,
    after: env.hashOf(plan.after),
    services,
    containers: plan.containers.filter(({ service }) => services.includes(service)).map(({ id }) => id),
    keys: [...plan.changes.keys()],
    summary: done(plan),
  }
  operation.record(record)
  const written = writes ? await env.replace(plan.after, plan.before.hash, record.backup) : null
  const { stack } = world.system
  const outcome =
    stack === null || services.length === 0
      ? { ok: true as const, notes: [] }
      : await recreateAndRead(stack, plan, world.signal)
  if (!outcome.ok) throw await takeBack(plan, outcome, written, env, stack, world.signal)
  return envDone(record, plan.count ?? plan.changes.size, outcome.notes)
}

async function recreateAndRead(
  stack: Stack,
  plan: EnvPlan,
  signal: AbortSignal,
): Promise<{ ok: true; notes: string[] } | NotRecreated> {
  const services = [...plan.services.keys()]
  const outcome = await recreated(stack, services, valuesOf(plan, 'to'), signal)
  if (!outcome.ok) return outcome
  const { stuck, notes } = await readBack(stack, plan, signal)
  if (stuck === null) return { ok: true, notes: [...outcome.notes, ...notes] }
  return { ok: false, way: outcome.way, because: stuck, log: [], rolledBack: false }
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
      if (!differs(key, to, value)) has.push(`${service} has ${key}=${shown(key, value, plan.secrets)}`)
      else if (from !== to && value === from && had.some((one) => one.service === service && one.values[key] === from))
        return {
          stuck: `${service} still has ${key}=${shown(key, value, plan.secrets)}: something else than the file sets it`,
          notes: [],
        }
      else has.push(`${service} has ${key}=${shown(key, value, plan.secrets)}, as its compose file makes it`)
    }
  }
  return { stuck: null, notes: has.length === 0 ? [] : [`Read back: ${listed([...new Set(has)], 4)}.`] }
}

/** Puts file and containers back, and says in one failure what happened and how things stand. */
async function takeBack(
  plan: EnvPlan,
  failed: NotRecreated,
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
        : `but the containers could not be brought back: ${explain(again, [plan.before.text, plan.after])}`,
    )
  } else stands.push('the containers are as the failure left them')
  return new FailureError({
    kind: 'refused',
    tried: plan.title,
    on: plan.path,
    because: explain(failed, [plan.before.text, plan.after]),
    remedy: `${capital(stands.join(', '))}.`,
  })
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
