// A long list for one question, read again when the live counts say that it may have changed.
import { useEffect, useState } from 'react'
import { type Client, failureOf } from './client.ts'
import { createPageList, type Page, type PageList, type PageListState } from './page-list.ts'
import { useServices, useStore } from './services.tsx'

export interface ListView<T> extends PageListState<T> {
  readonly list: PageList<T> | null
}

export interface Asked<T> {
  /** Another key is another list: it begins empty. */
  readonly key: string
  /** "Read the failed jobs of calls". */
  readonly tried: string
  readonly page: (client: Client, limit: number, cursor: string | null, signal: AbortSignal) => Promise<Page<T>>
}

export function usePageList<T>(asked: Asked<T>, revision: string): ListView<T> {
  const { client, live } = useServices()
  const open = useStore(live).link.state === 'open'
  const [shown, setShown] = useState<ListView<T> | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the question; its functions are new at each render (react.dev, useEffect "reading the latest props")
  useEffect(() => {
    const list = createPageList<T>({
      page: (limit, cursor, signal) => asked.page(client, limit, cursor, signal),
      failureOf: (thrown) => failureOf(thrown, asked.tried),
      nowMs: Date.now,
    })
    const show = () => setShown({ ...list.store.getState(), list })
    const stop = list.store.subscribe(show)
    show()
    void list.refresh()
    return () => {
      stop()
      list.close()
    }
  }, [client, asked.key])
  const list = shown?.list ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision is the reason to read again, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (open) void list?.refresh()
  }, [list, revision, open])
  return shown ?? { items: [], cursor: null, status: 'loading', failure: null, readAtMs: 0, list: null }
}
