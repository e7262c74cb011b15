// Above the failed jobs: for how many reasons they failed, and one press for all of them.
import type { Job } from '../../electron/contract/job.ts'
import { failedReasons } from '../select-jobs.ts'
import { useAnswer, useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'

interface Props {
  readonly system: string
  readonly jobs: readonly Job[]
  /** Of all failed jobs, shown or not. */
  readonly total: number | null
}

export function FailedNote({ system, jobs, total }: Props) {
  const { flow } = useServices()
  const answer = useAnswer(system, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  const retry = answer.value?.find(({ id }) => id === 'retry-jobs')
  const { headline, rest } = failedReasons(jobs)
  return (
    <div className="flex items-center gap-[10px] py-[9px] border-y border-line">
      <Glyph name="failed" />
      <span className="min-w-0 clip">
        <b>{headline}</b> <span className="text-ink-2">{rest}</span>
      </span>
      {retry !== undefined && (
        <span className="ml-auto flex items-center gap-2">
          <Button
            small
            tone="primary"
            blocked={retry.blocked}
            shortcut={{ key: 'Enter', text: 'Enter' }}
            onPress={() =>
              void flow.open({ action: 'retry-jobs', system, target: 'all', params: {} }, 'Retry all failed jobs')
            }
          >
            {jobs.length === 1 ? 'Retry it…' : `Retry all ${total ?? jobs.length}…`}
          </Button>
        </span>
      )}
    </div>
  )
}
