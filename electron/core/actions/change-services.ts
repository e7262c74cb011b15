// Services started, stopped or restarted one after the other, settled after an interruption, and put back.
import * as z from 'zod'
import { FailureError, sentence } from '../../contract/failure.ts'
import type { Service } from '../../contract/service.ts'
import { needed } from '../missing-part.ts'
import { listed, plural } from '../wording.ts'
import type { Done, Operation, Settled, Undone, World } from './action.ts'
import { isUp, type ServicePlan, titleOf } from './frozen-service.ts'

const Trail = z.object({ services: z.array(z.string()), ids: z.array(z.string()) })
const Recorded = Trail.extend({ undoable: z.boolean() })

/** One service after the other; those that fail are left, unless all do. */
export async function changeServices(
  plan: ServicePlan,
  world: World,
  operation: Operation,
  verb: 'start' | 'stop' | 'restart',
): Promise<Done> {
  const stack = needed(world.system, 'stack', titleOf(verb, plan.services))
  const undoable = plan.undoable !== false
  operation.record({ services: plan.services, ids: plan.containers.map(({ id }) => id), undoable })
  const { done, left } = await each(plan.services, (service) => stack[verb](service, world.signal))
  const ids = plan.containers.filter(({ service }) => done.includes(service)).map(({ id }) => id)
  return serviceDone(verb, done, ids, left, undoable)
}

/** Which services are as the verb leaves them. After a restart they look as before it. */
export async function settleServices(
  world: World,
  operation: Operation,
  verb: 'start' | 'stop' | 'restart',
): Promise<Settled> {
  const { services, ids, undoable } = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
  const title = titleOf(verb, services)
  if (verb === 'restart')
    return { state: 'unclear', summary: `Interrupted: check whether ${listed(services, 5)} restarted.` }
  const all = await needed(world.system, 'stack', title).services(world.signal)
  const reached = services.filter((name) => {
    const theirs = all.filter(({ service }) => service === name)
    return theirs.length > 0 && theirs.every((one) => isUp(one) === (verb === 'start'))
  })
  if (reached.length === 0) return { state: 'nothing', summary: `Interrupted: ${listed(services, 5)} did not ${verb}.` }
  const theirs = all.filter(({ id, service }) => ids.includes(id) && reached.includes(service)).map(({ id }) => id)
  const left = services
    .filter((name) => !reached.includes(name))
    .map((id) => ({ id, because: 'the change was interrupted before this one' }))
  return { state: 'done', done: serviceDone(verb, reached, theirs, left, undoable) }
}

function serviceDone(
  verb: 'start' | 'stop' | 'restart',
  services: readonly string[],
  ids: readonly string[],
  left: Done['left'],
  undoable: boolean,
): Done {
  const past = { start: 'started', stop: 'stopped', restart: 'restarted' }[verb]
  return {
    count: ids.length,
    left,
    summary: `${listed(services, 5)} ${plural(services.length, 'was', 'were')} ${past}.`,
    trail: undoable ? JSON.stringify({ services, ids }) : null,
  }
}

/** The opposite, where the very same containers are still as the action left them. */
export async function changeServicesBack(trail: string, world: World, verb: 'start' | 'stop'): Promise<Undone> {
  const { services, ids } = Trail.parse(JSON.parse(trail))
  const stack = needed(world.system, 'stack', titleOf(verb, services))
  const now = await stack.services(world.signal)
  const moved: Undone['left'][number][] = []
  const still = services.filter((service) => {
    const because = movedSince(service, now, ids, verb)
    if (because !== null) moved.push({ id: service, because })
    return because === null
  })
  const { done, left } =
    still.length === 0 ? { done: [], left: [] } : await each(still, (one) => stack[verb](one, world.signal))
  return {
    restored: now.filter(({ id, service }) => ids.includes(id) && done.includes(service)).length,
    left: [...moved, ...left],
  }
}

function movedSince(
  service: string,
  now: readonly Service[],
  ids: readonly string[],
  verb: 'start' | 'stop',
): string | null {
  const theirs = now.filter((one) => one.service === service)
  if (theirs.length === 0) return 'its containers were removed since'
  if (!theirs.every(({ id }) => ids.includes(id))) return 'its containers were replaced since'
  const other = theirs.find((one) => isUp(one) !== (verb === 'stop'))
  return other === undefined ? null : `it is ${other.state} now`
}

async function each(services: readonly string[], work: (service: string) => Promise<void>) {
  const done: string[] = []
  const left: { id: string; because: string }[] = []
  let first: FailureError | null = null
  for (const service of services)
    try {
      await work(service)
      done.push(service)
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      first ??= error
      left.push({ id: service, because: sentence(error.failure) })
    }
  if (done.length === 0 && first !== null) throw first
  return { done, left }
}
