// What the find field knows: views, actions of each system, and jobs by part of their name.
import type { ActionInfo, ActionRequest } from '../electron/contract/action.ts'
import type { Job, JobState } from '../electron/contract/job.ts'
import type { Client } from './client.ts'
import type { LiveState } from './live.ts'
import { anyProof, anyQueue, anyStack, jobStates, type Route } from './route.ts'
import { lastValue } from './select.ts'
import type { Panel } from './services.tsx'

export interface Found {
  readonly key: string
  readonly title: string
  readonly note: string
  readonly state: JobState | null
  readonly blocked: string | null
  readonly route: Route | null
  readonly panel: Panel
  readonly request: ActionRequest | null
}

const nothing = { state: null, blocked: null, route: null, panel: null, request: null } as const

const fixed: readonly Found[] = [
  { ...nothing, key: 'overview', title: 'Overview', note: 'view', route: { view: 'overview' } },
  ...jobStates.map((state) => ({
    ...nothing,
    key: `jobs ${state}`,
    title: `Jobs: ${{ queued: 'Queue', running: 'Processing', failed: 'Failed', done: 'Done', skipped: 'Skipped' }[state]}`,
    note: 'view',
    route: { view: 'jobs', system: null, state } as const,
  })),
  { ...nothing, key: 'queues', title: 'Queues', note: 'view', route: anyQueue },
  { ...nothing, key: 'worker', title: 'Workers', note: 'view', route: { view: 'workers', part: null } },
  { ...nothing, key: 'models', title: 'Models', note: 'view', route: { view: 'workers', part: 'models' } },
  { ...nothing, key: 'services', title: 'Stack: Services', note: 'view', route: anyStack },
  { ...nothing, key: 'logs', title: 'Stack: Logs', note: 'view', route: { ...anyStack, part: 'logs' } },
  {
    ...nothing,
    key: 'env',
    title: 'Stack: .env, TASK_TIMEOUT_SECONDS',
    note: 'view',
    route: { ...anyStack, part: 'env' },
  },
  ...(['ledgers', 'limits', 'heartbeats'] as const).map((part) => ({
    ...nothing,
    key: `proof ${part}`,
    title: `Proof: ${{ ledgers: 'Ledgers', limits: 'What a time limit would kill', heartbeats: 'Heartbeats' }[part]}`,
    note: 'view',
    route: { ...anyProof, part },
  })),
  { ...nothing, key: 'history', title: 'History', note: 'view', route: { view: 'history' } },
  { ...nothing, key: 'findings', title: 'History of findings', note: 'view', route: { view: 'findings' } },
  { ...nothing, key: 'samples', title: 'Sample incidents', note: 'view', route: { view: 'samples', name: null } },
  { ...nothing, key: 'settings', title: 'Settings', note: 'view', route: { view: 'settings', part: 'general' } },
  { ...nothing, key: 'systems', title: 'Systems', note: 'view', route: { view: 'settings', part: 'systems' } },
  { ...nothing, key: 'system', title: 'Add a system…', note: 'view', route: { view: 'system', id: null } },
  { ...nothing, key: 'add', title: 'Add files…', note: 'action', panel: 'add' },
]

const PER_STATE = 6

/** What actions can be about in one system. */
export interface Places {
  readonly system: string
  readonly queues: readonly string[]
  readonly services: readonly string[]
}

export function placesOf({ snapshot }: LiveState): Places[] {
  return (snapshot?.systems ?? []).map(({ id, queues, services }) => ({
    system: id,
    queues: queues === null ? [] : (lastValue(queues)?.map(({ name }) => name) ?? []),
    services: services === null ? [] : [...new Set(lastValue(services)?.map(({ service }) => service) ?? [])],
  }))
}

/** Asks every system for its actions and for jobs with this name. */
export async function findAll(
  client: Client,
  places: readonly Places[],
  text: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const each = await Promise.allSettled(places.map((one) => findIn(client, one, text, signal)))
  return each.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

async function findIn(client: Client, place: Places, text: string, signal: AbortSignal): Promise<Found[]> {
  const { system } = place
  const actions = client.actions.list({ system }, { signal })
  const pages =
    text === ''
      ? []
      : jobStates.map((state) => client.jobs.page({ system, state, search: text, limit: PER_STATE }, { signal }))
  const [offered, ...jobs] = await Promise.all([actions, ...pages])
  return [...offered.flatMap((info) => foundActions(info, place)), ...jobs.flatMap((page) => page.jobs.map(foundJob))]
}

/** One line for each thing an action can be about; what needs a choice first is found on its screen. */
function foundActions({ id, title, target, blocked }: ActionInfo, { system, queues, services }: Places): Found[] {
  const one = (key: string, name: string, request: Pick<ActionRequest, 'target' | 'params'>): Found => ({
    ...nothing,
    key: `${system} ${id} ${key}`,
    title: `${name}…`,
    note: system,
    blocked,
    request: { action: id, system, ...request },
  })
  if (id === 'create-stack') return []
  if (id === 'set-env')
    return [one('timeout', 'Set TASK_TIMEOUT_SECONDS', { target: 'all', params: { TASK_TIMEOUT_SECONDS: '7200' } })]
  if (target === 'system') return [one('', title, { target: 'all', params: {} })]
  if (target === 'queue')
    return queues.map((queue) => one(queue, `${title} ${queue}`, { target: [queue], params: { queue } }))
  if (target !== 'service' || id === 'scale-service') return []
  return services.map((service) => one(service, `${title} ${service}`, { target: [service], params: {} }))
}

function foundJob(job: Job): Found {
  const { system, id, title, state } = job
  return { ...nothing, key: `${system} job ${id}`, title, note: system, state, route: { view: 'job', system, id } }
}

/** Jobs have been matched by their system; views and actions are matched here, word by word. */
export function matching(text: string, found: readonly Found[]): Found[] {
  const words = text.toLowerCase().split(/\s+/)
  const fits = ({ title }: Found) => words.every((word) => title.toLowerCase().includes(word))
  const isJob = (one: Found) => one.state !== null
  return [...found.filter(isJob), ...fixed.filter(fits), ...found.filter((one) => !isJob(one) && fits(one))]
}
