// A change of .env that was interrupted, and its undo: file and containers end on the same side.
import { FailureError } from '../../contract/failure.ts'
import { needed } from '../missing-part.ts'
import type { Stack } from '../ports/stack.ts'
import { listed } from '../wording.ts'
import type { Operation, Settled, Undone, World } from './action.ts'
import { EnvRecord, envDone, valuesIn } from './env-record.ts'
import { TRIED } from './frozen-env.ts'
import { explain, recreated } from './recreate-services.ts'
import { refuse } from './refuse.ts'

/**
 * A file that was written is put back when no service has a new container: nothing was disrupted then. When some have,
 * the others get theirs.
 */
export async function settleEnv(world: World, operation: Operation): Promise<Settled> {
  const record = EnvRecord.parse(JSON.parse(operation.recorded ?? 'null'))
  const { system, signal } = world
  const env = needed(system, 'env', TRIED)
  const { stack } = system
  const repaired = (await stack?.recover(signal)) ?? []
  const also = repaired.map((sentence) => ` ${sentence}`).join('')
  const [unfinished] = stack?.pending() ?? []
  // An earlier compose command may still be replacing containers: which ones is known when it has finished.
  if (unfinished !== undefined)
    throw new FailureError({
      kind: 'busy',
      tried: TRIED,
      on: env.path,
      because: unfinished.replace(/\.$/, ''),
      remedy: null,
    })
  await env.removeLeftovers()
  const now = await env.read(signal)
  if (record.backup !== '' && now.hash === record.before)
    return { state: 'nothing', summary: `Interrupted: ${env.path} is as it was.${also}` }
  if (now.hash !== record.after)
    return { state: 'unclear', summary: `Interrupted, and ${env.path} was edited since: check it and its services.` }
  if (stack === null || record.services.length === 0)
    return { state: 'done', done: envDone(record, record.keys.length, []) }
  const lacking = await notReplaced(record, stack, signal)
  if (lacking.length === record.services.length && record.backup !== '') {
    const before = await env.readBackup(record.backup, signal)
    await env.replace(before.text, record.after)
    return { state: 'nothing', summary: `Interrupted before a service was recreated: ${env.path} was restored.${also}` }
  }
  if (lacking.length > 0) {
    const outcome = await recreated(stack, lacking, valuesIn(now.text, record.keys), signal)
    if (!outcome.ok)
      return {
        state: 'unclear',
        summary: `Interrupted: ${listed(lacking, 5)} could not be recreated with the new ${env.path}: ${explain(outcome, [now.text])}.`,
      }
  }
  return { state: 'done', done: envDone(record, record.keys.length, repaired) }
}

/** Services that have the containers they had before, or none. */
async function notReplaced({ services, containers }: EnvRecord, stack: Stack, signal: AbortSignal): Promise<string[]> {
  const all = await stack.services(signal)
  return services.filter((name) => {
    const theirs = all.filter(({ service }) => service === name)
    return theirs.length === 0 || theirs.some(({ id }) => containers.includes(id))
  })
}

/** The old text and, with it, the old values: only where the file is still as the action left it. */
export async function undoEnv(trail: string, world: World, operation: Operation): Promise<Undone> {
  const record = EnvRecord.parse(JSON.parse(trail))
  const { services, keys } = record
  const env = needed(world.system, 'env', 'Undo')
  if (operation.recorded !== null) await env.removeLeftovers()
  const now = await env.read(world.signal)
  const before = await env.readBackup(record.backup, world.signal)
  if (before.hash !== record.before)
    throw refuse('Undo', env.path, `its backup ${record.backup} was changed`, 'Edit the file by hand.')
  // Already restored: an undo that was interrupted after its write.
  if (now.hash !== before.hash) {
    if (now.hash !== record.after)
      return { restored: 0, left: [{ id: env.path, because: 'it was edited since, so it was left unchanged' }] }
    operation.record({ started: true })
    await env.replace(before.text, record.after)
  }
  const { stack } = world.system
  if (stack !== null && services.length > 0) {
    const there = new Set((await stack.services(world.signal)).map(({ service }) => service))
    const again = services.filter((service) => there.has(service))
    const outcome = again.length === 0 ? null : await recreated(stack, again, valuesIn(before.text, keys), world.signal)
    if (outcome?.ok === false)
      throw new FailureError({
        kind: 'refused',
        tried: 'Undo',
        on: env.path,
        because: `the old text was restored, but its services could not be recreated: ${explain(outcome, [before.text])}`,
        remedy: 'Check the services, then undo again.',
      })
  }
  return { restored: keys.length, left: [] }
}
