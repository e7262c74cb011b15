// What every view can use: the client, the live store and the few stores of the screen itself.
import { createContext, use, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { StoreApi } from 'zustand/vanilla'
import type { Failure } from '../electron/contract/failure.ts'
import type { ActionFlow } from './action-flow.ts'
import { type Client, failureOf } from './client.ts'
import type { LiveState } from './live.ts'
import type { Trend } from './message-trend.ts'
import type { Notices } from './notices.ts'
import type { Route } from './route.ts'
import type { Uploads } from './uploads.ts'

/** Which of the app's own dialogs is open. */
export type Panel = 'find' | 'keys' | 'add' | null

export interface Services {
  readonly client: Client
  readonly live: StoreApi<LiveState>
  readonly now: StoreApi<number>
  readonly route: StoreApi<Route>
  readonly panel: StoreApi<Panel>
  readonly flow: ActionFlow
  readonly uploads: Uploads
  readonly notices: Notices
  readonly trend: StoreApi<Trend>
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = use(ServicesContext)
  if (services === null) throw new Error('a view was mounted outside the app')
  return services
}

export function useStore<T>(store: StoreApi<T>): T {
  return useSyncExternalStore(store.subscribe, store.getState)
}

/** A view's model: computed from the live state and the ticker, and again whenever either moves. */
export function useView<T>(select: (state: LiveState, nowMs: number) => T): T {
  const { live, now } = useServices()
  return select(useStore(live), useStore(now))
}

export interface Answer<T> {
  /** The last answer; stays while a newer one is on its way. */
  readonly value: T | null
  readonly failure: Failure | null
  readonly asking: boolean
  readonly again: () => void
}

/** One call's answer, asked again whenever `key` changes; what is late or no longer wanted is dropped. */
export function useAnswer<T>(
  key: string,
  tried: string,
  ask: (client: Client, signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const { client, live } = useServices()
  const open = useStore(live).link.state === 'open'
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<Omit<Answer<T>, 'again'>>({ value: null, failure: null, asking: true })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `turn` say when to ask again; `ask` is new at each render (react.dev, useEffect "reading the latest props")
  useEffect(() => {
    const end = new AbortController()
    setState((old) => ({ ...old, asking: true }))
    ask(client, end.signal).then(
      (value) => end.signal.aborted || setState({ value, failure: null, asking: false }),
      (error: unknown) =>
        end.signal.aborted || setState((old) => ({ ...old, failure: failureOf(error, tried), asking: false })),
    )
    return () => end.abort()
  }, [client, key, turn])
  const failed = useRef(false)
  failed.current = state.failure !== null
  // What failed while the link was lost is asked again by itself when it is back; what is shown stays until then.
  useEffect(() => {
    if (open && failed.current) setTurn((n) => n + 1)
  }, [open])
  return { ...state, again: () => setTurn((n) => n + 1) }
}
