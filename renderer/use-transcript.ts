// The whole transcript of a job, page after page; what has arrived is shown meanwhile.
import { useEffect, useState } from 'react'
import type { Failure } from '../electron/contract/failure.ts'
import type { Segment } from '../electron/contract/job.ts'
import { failureOf } from './client.ts'
import { useServices } from './services.tsx'

export interface Transcript {
  readonly segments: readonly Segment[]
  readonly complete: boolean
  readonly failure: Failure | null
}

const PAGE = 1000

/** Read again when the number of segments changes, which is when a job ends. */
export function useTranscript(system: string, id: string, count: number): Transcript {
  const { client } = useServices()
  const [state, setState] = useState<Transcript>({ segments: [], complete: false, failure: null })
  useEffect(() => {
    const end = new AbortController()
    async function read() {
      let segments: readonly Segment[] = []
      let from: number | null = count === 0 ? null : 0
      while (from !== null) {
        const page: { segments: Segment[]; next: number | null } = await client.jobs.transcript(
          { system, id, from, limit: PAGE },
          { signal: end.signal },
        )
        segments = [...segments, ...page.segments]
        from = page.next
        setState({ segments, complete: false, failure: null })
      }
      setState({ segments, complete: true, failure: null })
    }
    read().catch((error: unknown) => {
      if (end.signal.aborted) return
      setState((old) => ({ ...old, failure: failureOf(error, 'Read the transcript') }))
    })
    return () => end.abort()
  }, [client, system, id, count])
  return state
}
