// The one writer of what the core says: a vanilla store fed by the live stream, restarted on a gap or a lost link.
import { createStore, type StoreApi } from 'zustand/vanilla'
import { applyEvent } from '../electron/contract/diff.ts'
import type { LiveEvent, Snapshot } from '../electron/contract/snapshot.ts'

export type LinkState =
  | { state: 'connecting' }
  | { state: 'open' }
  | { state: 'lost'; sinceMs: number; because: string }

export interface LiveState {
  readonly snapshot: Snapshot | null
  /** This page's clock minus the core's: 0 on one machine, where the two are one clock. */
  readonly clockAheadMs: number
  readonly link: LinkState
}

export interface LivePorts {
  open(signal: AbortSignal): Promise<AsyncIterable<LiveEvent>>
  nowMs(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface Live {
  readonly store: StoreApi<LiveState>
  /** Feeds the store until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8000
/** Clocks that agree within a minute are taken for one clock; a snapshot may be some seconds old when it arrives. */
const SAME_CLOCK_MS = 60_000

export function createLive(ports: LivePorts): Live {
  const store = createStore<LiveState>(() => ({ snapshot: null, clockAheadMs: 0, link: { state: 'connecting' } }))

  /** Follows one stream to its end; resolves with why it ended, or null when it must simply be opened again. */
  async function follow(signal: AbortSignal): Promise<string | null> {
    for await (const event of await ports.open(signal)) {
      const next = nextState(store.getState(), event, ports.nowMs())
      if (next === 'gap') return null
      store.setState(next)
    }
    return 'the stream ended'
  }

  async function run(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!signal.aborted) {
      const before = store.getState().snapshot
      const one = new AbortController()
      let because: string | null
      try {
        because = await follow(AbortSignal.any([signal, one.signal]))
      } catch (error) {
        because = error instanceof Error ? error.message : String(error)
      } finally {
        one.abort()
      }
      if (signal.aborted) return
      if (because !== null) store.setState(lost(store.getState(), because, ports.nowMs()))
      pause = store.getState().snapshot !== before ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS)
      await ports.wait(pause, signal)
    }
  }
  return { store, run }
}

/** The state after an event; the very same one when nothing changed. */
export function nextState(state: LiveState, event: LiveEvent, nowMs: number): LiveState | 'gap' {
  if (event.kind === 'changed' && state.snapshot === null) return 'gap'
  const snapshot =
    event.kind === 'snapshot' && state.snapshot === null
      ? event.snapshot
      : applyEvent(state.snapshot as Snapshot, event)
  if (snapshot === 'gap') return 'gap'
  if (snapshot === state.snapshot && state.link.state === 'open') return state
  const ahead = nowMs - Date.parse(snapshot.at)
  const clockAheadMs = Math.abs(ahead) < SAME_CLOCK_MS ? 0 : Math.min(ahead, state.clockAheadMs || ahead)
  return { snapshot, clockAheadMs, link: state.link.state === 'open' ? state.link : { state: 'open' } }
}

/** Values stay as they were last known; only the link says that they no longer move. */
export function lost(state: LiveState, because: string, nowMs: number): LiveState {
  const sinceMs = state.link.state === 'lost' ? state.link.sinceMs : nowMs
  return { ...state, link: { state: 'lost', sinceMs, because } }
}
