// Addresses of the app: hash routes that can be kept, sent and driven by tests.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { JobState } from '../electron/contract/job.ts'

export type Route =
  | { view: 'overview' }
  | { view: 'jobs'; system: string | null; state: JobState }
  | { view: 'job'; system: string; id: string }
  | {
      view: 'queues'
      system: string | null
      queue: string | null
      part: QueuePart
      task: string | null
      job: string | null
    }
  | { view: 'workers'; part: 'models' | null }
  | { view: 'stack'; system: string | null; part: StackPart; service: string | null }
  /** What verdicts rest on, of one system. */
  | { view: 'proof'; system: string | null; part: ProofPart }
  | { view: 'history' }
  /** Readings over time, of one system. */
  | { view: 'past'; system: string | null }
  /** The history of findings, and one that is there now. */
  | { view: 'findings' }
  | { view: 'finding'; key: string }
  /** The preview of an action; null is everything it can be done to. */
  | {
      view: 'act'
      system: string
      action: string
      ids: readonly string[] | null
      params: Readonly<Record<string, string>>
      label: string
    }
  /** Sample incidents; one of them may be named. */
  | { view: 'samples'; name: string | null }
  | { view: 'settings'; part: SettingsPart }
  /** The form of one system; null is a new one. */
  | { view: 'system'; id: string | null }

export type QueuePart = 'groups' | 'jobs' | 'messages' | 'unacked' | 'attempts'
export type SettingsPart = 'general' | 'systems' | 'automation'
export const settingsParts: readonly SettingsPart[] = ['general', 'systems', 'automation']
export type ProofPart = 'ledgers' | 'limits' | 'heartbeats'
export const proofParts: readonly ProofPart[] = ['ledgers', 'limits', 'heartbeats']
export type StackPart = 'services' | 'logs' | 'env'
export const queueParts: readonly QueuePart[] = ['groups', 'jobs', 'messages', 'unacked', 'attempts']
export const stackParts: readonly StackPart[] = ['services', 'logs', 'env']
export type QueuesRoute = Extract<Route, { view: 'queues' }>
export const anyQueue: QueuesRoute = {
  view: 'queues',
  system: null,
  queue: null,
  part: 'groups',
  task: null,
  job: null,
}
export type ProofRoute = Extract<Route, { view: 'proof' }>
export const anyProof: ProofRoute = { view: 'proof', system: null, part: 'ledgers' }
export type StackRoute = Extract<Route, { view: 'stack' }>
export const anyStack: StackRoute = { view: 'stack', system: null, part: 'services', service: null }

export const jobStates: readonly JobState[] = ['queued', 'running', 'failed', 'done', 'skipped']

/** What the address says, if it is one of these; else the first of them. */
function oneOf<T extends string>(all: readonly T[], text: string | null, first: T): T {
  return all.find((one) => one === text) ?? first
}

/** Anything that is not an address of ours is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [view, ...rest] = path.split('/').map(decode)
  const params = new URLSearchParams(query)
  if (view === 'jobs') {
    const [system, ...id] = rest
    if (system !== undefined && id.length > 0) return { view: 'job', system, id: id.join('/') }
    return { view: 'jobs', system: params.get('system'), state: oneOf(jobStates, params.get('state'), 'queued') }
  }
  if (view === 'queues')
    return {
      view,
      system: params.get('system'),
      queue: params.get('queue'),
      part: oneOf(queueParts, params.get('part'), 'groups'),
      task: params.get('task'),
      job: params.get('job'),
    }
  // `worker` is what the address was called while there was only the local one.
  if (view === 'workers' || view === 'worker')
    return { view: 'workers', part: params.get('part') === 'models' ? 'models' : null }
  if (view === 'stack')
    return {
      view,
      system: params.get('system'),
      part: oneOf(stackParts, params.get('part'), 'services'),
      service: params.get('service'),
    }
  if (view === 'proof')
    return { view, system: params.get('system'), part: oneOf(proofParts, params.get('part'), 'ledgers') }
  if (view === 'history') return { view }
  if (view === 'past') return { view, system: params.get('system') }
  if (view === 'findings') return rest.length === 0 ? { view } : { view: 'finding', key: rest.join('/') }
  if (view === 'act') return actRoute(rest, params)
  if (view === 'samples') return { view, name: rest[0] ?? null }
  if (view === 'settings') return { view, part: oneOf(settingsParts, params.get('part'), 'general') }
  if (view === 'system') return { view, id: rest[0] ?? null }
  return { view: 'overview' }
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case 'jobs':
      return `#/jobs${query({ system: route.system, state: route.state })}`
    case 'job':
      return `#/jobs/${encodeURIComponent(route.system)}/${encodeURIComponent(route.id)}`
    case 'queues': {
      const { system, queue, part, task, job } = route
      return `#/queues${query({ system, queue, part: part === 'groups' ? null : part, task, job })}`
    }
    case 'workers':
      return `#/workers${query({ part: route.part })}`
    case 'proof':
      return `#/proof${query({ system: route.system, part: route.part === 'ledgers' ? null : route.part })}`
    case 'stack': {
      const { system, part, service } = route
      return `#/stack${query({ system, part: part === 'services' ? null : part, service })}`
    }
    case 'settings':
      return `#/settings${query({ part: route.part === 'general' ? null : route.part })}`
    case 'past':
      return `#/past${query({ system: route.system })}`
    case 'samples':
      return route.name === null ? '#/samples' : `#/samples/${encodeURIComponent(route.name)}`
    case 'finding':
      return `#/findings/${encodeURIComponent(route.key)}`
    case 'act':
      return actHash(route)
    case 'system':
      return route.id === null ? '#/system' : `#/system/${encodeURIComponent(route.id)}`
    default:
      return `#/${route.view}`
  }
}

/** Its own words begin with “_”, so that any parameter may have any other name. */
function actRoute([system, action]: readonly string[], said: URLSearchParams): Route {
  if (system === undefined || action === undefined) return { view: 'overview' }
  const params = Object.fromEntries([...said].filter(([name]) => !name.startsWith('_')))
  const ids = said.has('_id') ? said.getAll('_id') : null
  return { view: 'act', system, action, ids, params, label: said.get('_label') ?? action }
}

function actHash({ system, action, ids, params, label }: Extract<Route, { view: 'act' }>): string {
  const said = new URLSearchParams([
    ['_label', label],
    ...(ids ?? []).map((id) => ['_id', id]),
    ...Object.entries(params),
  ])
  return `#/act/${encodeURIComponent(system)}/${encodeURIComponent(action)}?${said}`
}

/** What is not said is left out. */
function query(params: Readonly<Record<string, string | null>>): string {
  const said = Object.entries(params).flatMap(([name, value]) =>
    value === null ? [] : `${name}=${encodeURIComponent(value)}`,
  )
  return said.length === 0 ? '' : `?${said.join('&')}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A half-typed address is not worth an error.
    return part
  }
}

/** The address bar as a store. */
export function watchRoute(page: Window): StoreApi<Route> {
  const store = createStore<Route>(() => parseRoute(page.location.hash))
  page.addEventListener('hashchange', () => store.setState(parseRoute(page.location.hash), true))
  return store
}

export function go(route: Route): void {
  location.hash = hashOf(route)
}
