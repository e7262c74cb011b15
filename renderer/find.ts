// What the find field knows: views, actions of each system, and jobs by part of their name.
import type { ActionRequest } from '../electron/contract/action.ts'
import type { Job, JobState } from '../electron/contract/job.ts'
import type { Client } from './client.ts'
import { jobStates, type Route } from './route.ts'
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
  { ...nothing, key: 'worker', title: 'Workers', note: 'view', route: { view: 'workers', part: null } },
  { ...nothing, key: 'models', title: 'Models', note: 'view', route: { view: 'workers', part: 'models' } },
  { ...nothing, key: 'history', title: 'History', note: 'view', route: { view: 'history' } },
  { ...nothing, key: 'settings', title: 'Settings', note: 'view', route: { view: 'settings', part: 'general' } },
  { ...nothing, key: 'add', title: 'Add files…', note: 'action', panel: 'add' },
]

const PER_STATE = 6

/** Asks every system for its actions and for jobs with this name. */
export async function findAll(
  client: Client,
  systems: readonly string[],
  text: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const each = await Promise.allSettled(systems.map((system) => findIn(client, system, text, signal)))
  return each.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

async function findIn(client: Client, system: string, text: string, signal: AbortSignal): Promise<Found[]> {
  const actions = client.actions.list({ system }, { signal })
  const pages =
    text === ''
      ? []
      : jobStates.map((state) => client.jobs.page({ system, state, search: text, limit: PER_STATE }, { signal }))
  const [offered, ...jobs] = await Promise.all([actions, ...pages])
  return [
    ...offered
      .filter(({ target }) => target === 'system')
      .map(({ id, title, blocked }) => ({
        ...nothing,
        key: `${system} ${id}`,
        title: `${title}…`,
        note: system,
        blocked,
        request: { action: id, system, target: 'all' as const, params: {} },
      })),
    ...jobs.flatMap((page) => page.jobs.map(foundJob)),
  ]
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
