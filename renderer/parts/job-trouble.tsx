// Why this job failed or was left out, in its own words, with the first thing to press.
import type { Job } from '../../electron/contract/job.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'

export function JobTrouble({ job }: { job: Job }) {
  const { flow } = useServices()
  if (job.state !== 'failed' && job.state !== 'skipped') return null
  const failed = job.state === 'failed'
  const reason = failed ? job.error : job.reason
  const retry = () =>
    void flow.open({ action: 'retry-jobs', system: job.system, target: [job.id], params: {} }, 'Retry this job')
  return (
    <div className="flex items-center gap-[9px] py-[9px] border-y border-line">
      <Glyph name={job.state} />
      <span className={`min-w-0 ${failed ? 'text-failed' : 'text-ink-2'}`}>{reason ?? 'No reason was recorded.'}</span>
      {failed && (
        <span className="ml-auto">
          <Button small tone="primary" onPress={retry} shortcut={{ key: 'Enter', text: 'Enter' }}>
            Retry…
          </Button>
        </span>
      )}
    </div>
  )
}
