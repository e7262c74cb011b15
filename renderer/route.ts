// Addresses of the app: hash routes that can be kept, sent and driven by tests.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { JobState } from '../electron/contract/job.ts'

export type Route =
  | { view: 'overview' }
  | { view: 'jobs'; system: string | null; state: JobState }
  | { view: 'job'; system: string; id: string }
  | { view: 'worker'; part: 'models' | null }
  | { view: 'history' }
  | { view: 'settings' }

export const jobStates: readonly JobState[] = ['queued', 'running', 'failed', 'done', 'skipped']

const isJobState = (text: string | null): text is JobState => jobStates.some((state) => state === text)

/** Anything that is not an address of ours is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [view, ...rest] = path.split('/').map(decode)
  const params = new URLSearchParams(query)
  if (view === 'jobs') {
    const [system, ...id] = rest
    if (system !== undefined && id.length > 0) return { view: 'job', system, id: id.join('/') }
    const state = params.get('state')
    return { view: 'jobs', system: params.get('system'), state: isJobState(state) ? state : 'queued' }
  }
  if (view === 'worker') return { view, part: params.get('part') === 'models' ? 'models' : null }
  if (view === 'history' || view === 'settings') return { view }
  return { view: 'overview' }
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case 'jobs':
      return `#/jobs?${route.system === null ? '' : `system=${encodeURIComponent(route.system)}&`}state=${route.state}`
    case 'job':
      return `#/jobs/${encodeURIComponent(route.system)}/${encodeURIComponent(route.id)}`
    case 'worker':
      return route.part === null ? '#/worker' : `#/worker?part=${route.part}`
    default:
      return `#/${route.view}`
  }
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
