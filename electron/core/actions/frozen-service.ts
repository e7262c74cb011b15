// Services as a frozen set: every container by id and state, what runs on it, and the way there and back.
import type { ActionRequest } from '../../contract/action.ts'
import { FailureError } from '../../contract/failure.ts'
import type { Service } from '../../contract/service.ts'
import { needed } from '../missing-part.ts'
import { count, limit, listed, plural } from '../wording.ts'
import type { Frozen, FrozenItem, World } from './action.ts'
import { invalid, refuse } from './refuse.ts'

/**
 * A worker may be given hours to end its job before it is killed. Every step at the engine has a deadline that knows the
 * container's own grace period; to cut it short from here would leave a service without any container that runs.
 */
export const SERVICE_WRITE_MS = 24 * 60 * 60_000

/** A dialog that takes longer than this is worth a word beforehand. */
const SLOW_MS = 60_000

export interface ServicePlan extends Frozen {
  readonly services: readonly string[]
  readonly containers: readonly Service[]
  /** Titles of the jobs that run on them; null when that cannot be told. */
  readonly jobs: readonly string[] | null
  readonly notTouched: readonly string[]
  readonly command: string
}

export interface ServiceChoice {
  readonly verb: 'start' | 'stop' | 'restart'
  /** Why a service is not taken: a clause about it; null takes it. */
  leaves(containers: readonly Service[]): string | null
  /** Whether the opposite verb brings back exactly what was. */
  undoable(containers: readonly Service[]): boolean
}

export const isUp = ({ state }: Service): boolean => state === 'running' || state === 'restarting' || state === 'paused'

/** Held by `docker pause`: it is up and does nothing, and a start lets it go on. */
export const isPaused = ({ state }: Service): boolean => state === 'paused'

export async function freezeServices(
  request: ActionRequest,
  world: World,
  choice: ServiceChoice,
): Promise<ServicePlan> {
  const { verb } = choice
  const tried = titleOf(verb, [])
  const stack = needed(world.system, 'stack', tried)
  const all = await stack.services(world.signal)
  const notTouched: string[] = []
  const services = namesOf(request, all, tried).filter((name) => {
    const because = choice.leaves(all.filter((one) => one.service === name))
    if (because !== null) notTouched.push(`${name} ${because}`)
    return because === null
  })
  if (services.length === 0) throw refuse(tried, world.system.id, notTouched.join(', '))
  const containers = all.filter((one) => services.includes(one.service))
  return {
    items: containers.map(itemOf),
    undoable: choice.undoable(containers),
    services,
    containers,
    jobs: await jobsOn(containers, all, world),
    notTouched,
    command: stack.command(verb, services),
  }
}

/** The ids, or the parameter `service`. Never all of them by leaving both out: that would be the whole stack. */
export function namesOf({ target, params }: ActionRequest, all: readonly Service[], tried: string): string[] {
  const named = [...(target === 'all' ? [] : target), ...(params.service === undefined ? [] : [params.service])]
  const existing = [...new Set(all.map(({ service }) => service))]
  const these = `These exist: ${existing.join(', ')}.`
  if (named.length === 0) throw invalid(tried, '', 'no service is named', these)
  const unknown = named.filter((name) => !existing.includes(name))
  if (unknown.length > 0) throw invalid(tried, unknown.join(', '), 'the stack has no such service', these)
  return [...new Set(named)]
}

export function itemOf(one: Service): FrozenItem {
  const health = one.health === null ? '' : `, ${one.health}`
  return { id: one.id, title: one.container, note: `${one.state}${health}`, fingerprint: `${one.id}:${one.state}` }
}

/**
 * A container's default hostname is its id, and Celery's workers are called `celery@hostname`. Where nobody is called
 * so, the jobs belong to whatever service is called a worker.
 */
export async function jobsOn(
  chosen: readonly Service[],
  all: readonly Service[],
  world: World,
): Promise<string[] | null> {
  const { broker, jobs } = world.system
  const working = chosen.some(({ service, image }) => /worker|celery/i.test(`${service} ${image}`))
  try {
    const running = await jobs.running(50, world.signal)
    if (broker === null) return working ? running.map(({ title }) => title) : []
    const active = (await broker.control.tasks(world.signal)).filter(({ state }) => state === 'active')
    const runsOn = (some: readonly Service[]) =>
      active.filter(({ worker }) => some.some((one) => hostsOf(one).includes(worker.replace(/^[^@]*@/, ''))))
    const theirs = runsOn(all).length > 0 ? runsOn(chosen) : working ? active : []
    return theirs.map(({ job, name }) => running.find(({ id }) => id === job)?.title ?? job ?? name)
  } catch (error) {
    // It only explains the preview; but a worker of which it is not known says so.
    if (error instanceof FailureError) return working ? null : []
    throw error
  }
}

function hostsOf({ id, container, service }: Service): string[] {
  return [id, container, service]
}

/** What becomes of the jobs when their containers stop, and how long that may take. */
export function aboutJobs(jobs: readonly string[] | null, containers: readonly Service[]): string[] {
  if (jobs?.length === 0) return []
  const graceMs = Math.max(0, ...containers.filter(isUp).map(({ stopGraceMs }) => stopGraceMs))
  const grace = limit(graceMs)
  const slow =
    graceMs < SLOW_MS ? [] : [`So it may take ${grace}, and other changes of this system wait until it is over.`]
  if (jobs === null)
    return [`Which jobs run there cannot be told now; one that does not end within ${grace} is given up.`, ...slow]
  const n = jobs.length
  return [
    `${count(n, 'job')} ${plural(n, 'runs', 'run')} there (${listed(jobs)}): what does not end within ${grace}, the grace period of the container, is given up and starts again from the beginning.`,
    ...slow,
  ]
}

/** Databases and brokers: others fail with them. */
export function aboutStores(plan: Pick<ServicePlan, 'containers'>): string[] {
  const stores = plan.containers.filter(({ image, service }) =>
    /postgres|redis|valkey|rabbit|mysql|maria/i.test(`${image} ${service}`),
  )
  return [...new Set(stores.map(({ service }) => service))].map(
    (name) => `Everything that needs ${name} stops working until it runs again, the workers first.`,
  )
}

export function titleOf(verb: 'start' | 'stop' | 'restart', services: readonly string[]): string {
  const word = { start: 'Start', stop: 'Stop', restart: 'Restart' }[verb]
  return `${word} ${services.length === 0 ? 'a service' : listed(services)}`
}
