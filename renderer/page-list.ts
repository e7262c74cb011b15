// A long list as far as it has been read: keyset pages, refreshed in place, never under the pointer.
import { createStore, type StoreApi } from 'zustand/vanilla'
import { keepSame } from '../electron/contract/diff.ts'
import type { Failure } from '../electron/contract/failure.ts'

export interface PageListState<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
  readonly status: 'loading' | 'ready' | 'failed'
  readonly failure: Failure | null
  /** When the rows shown were read, by this page's clock. */
  readonly readAtMs: number
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
}

export interface PageListPorts<T> {
  page(limit: number, cursor: string | null, signal: AbortSignal): Promise<Page<T>>
  failureOf(thrown: unknown): Failure
  nowMs(): number
}

export interface PageList<T> {
  readonly store: StoreApi<PageListState<T>>
  /** The next page, if there is one and none is under way. */
  more(): Promise<void>
  /** Reads again what is shown. While held, it waits for the release. */
  refresh(): Promise<void>
  /** Everything up to `limit`, for “select all”. */
  all(limit: number): Promise<readonly T[]>
  /** The pointer moves over the rows, or has left them. A pointer that only rests does not keep news back for long. */
  hold(held: boolean): void
  close(): void
}

const PAGE = 100
const LARGEST = 500
/** After the last movement over the rows: long enough to aim and press, short enough that the list is never stale. */
const HOLD_MS = 2000

export function createPageList<T>(ports: PageListPorts<T>): PageList<T> {
  const store = createStore<PageListState<T>>(() => ({
    items: [],
    cursor: null,
    status: 'loading',
    failure: null,
    readAtMs: ports.nowMs(),
  }))
  const end = new AbortController()
  let reading: Promise<void> | null = null
  let due = false
  let held = false
  let letGo: ReturnType<typeof setTimeout> | undefined

  /** From the start until `want` rows are there or the list ends. */
  async function readUntil(want: number, items: readonly T[], from: string | null): Promise<void> {
    let cursor = from
    let all = items
    do {
      const limit = Math.min(LARGEST, Math.max(PAGE, want - all.length))
      const page = await ports.page(limit, cursor, end.signal)
      all = [...all, ...page.items]
      cursor = page.cursor
    } while (cursor !== null && all.length < want)
    if (end.signal.aborted) return
    const kept = keepSame(store.getState().items, all)
    store.setState({ items: kept, cursor, status: 'ready', failure: null, readAtMs: ports.nowMs() })
  }

  async function run(read: () => Promise<void>): Promise<void> {
    if (reading !== null) return reading
    reading = read()
      .catch((error: unknown) => {
        if (!end.signal.aborted) store.setState({ status: 'failed', failure: ports.failureOf(error) })
      })
      .finally(() => {
        reading = null
      })
    await reading
    if (due && !held && !end.signal.aborted) await refresh()
  }

  async function refresh(): Promise<void> {
    if (held || reading !== null) {
      due = true
      return reading ?? undefined
    }
    due = false
    await run(() => readUntil(Math.max(PAGE, store.getState().items.length), [], null))
  }

  function hold(now: boolean): void {
    clearTimeout(letGo)
    held = now
    if (now) letGo = setTimeout(hold, HOLD_MS, false)
    else if (due) void refresh()
  }

  return {
    store,
    refresh,
    async more() {
      const { items, cursor } = store.getState()
      if (cursor !== null && reading === null) await run(() => readUntil(items.length + PAGE, items, cursor))
    },
    async all(limit) {
      const { items, cursor } = store.getState()
      if (cursor !== null) await run(() => readUntil(limit, items, cursor))
      return store.getState().items
    },
    hold,
    close() {
      clearTimeout(letGo)
      end.abort()
    },
  }
}
