// A job list for one query, read again when the live counts say that it may have changed.
import { useEffect, useState } from 'react'
import type { JobQuery } from '../electron/contract/job.ts'
import { failureOf } from './client.ts'
import { createJobList, type JobList, type JobListState } from './job-list.ts'
import { useServices, useStore } from './services.tsx'

export interface ListView extends JobListState {
  readonly list: JobList | null
}

export function useJobList(query: Omit<JobQuery, 'cursor' | 'limit'>, revision: string): ListView {
  const { client, live } = useServices()
  const open = useStore(live).link.state === 'open'
  const { system, state, search, sort, descending } = query
  const [shown, setShown] = useState<ListView | null>(null)
  useEffect(() => {
    const list = createJobList(
      { system, state, search, sort, descending },
      {
        page: (one, signal) => client.jobs.page(one, { signal }),
        failureOf: (thrown) => failureOf(thrown, `Read the ${state} jobs of ${system}`),
        nowMs: Date.now,
      },
    )
    const show = () => setShown({ ...list.store.getState(), list })
    const stop = list.store.subscribe(show)
    show()
    void list.refresh()
    return () => {
      stop()
      list.close()
    }
  }, [client, system, state, search, sort, descending])
  const list = shown?.list ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision is the reason to read again, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (open) void list?.refresh()
  }, [list, revision, open])
  return shown ?? { jobs: [], cursor: null, status: 'loading', failure: null, readAtMs: 0, list: null }
}
