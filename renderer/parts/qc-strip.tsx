// One running QC job: how far, since when, and for how long it has stood still (runbook 4: stuck after two minutes).
import { duration } from '../format.ts'
import { shareOf } from '../run-share.ts'
import type { RunModel } from '../select-running.ts'
import { Fact } from './fact.tsx'
import { Progress } from './progress.tsx'
import { RunName } from './run-name.tsx'

interface Props {
  readonly run: RunModel
  readonly stillMs: number | null
  /** On the job's own screen, where its name stands already. */
  readonly own: boolean
}

const STUCK_MS = 2 * 60_000

export function QcStrip({ run, stillMs, own }: Props) {
  const share = shareOf(run, 'progress unknown')
  return (
    <section
      aria-label={`Running job ${run.title}`}
      className="grid grid-cols-[minmax(0,1.15fr)_minmax(120px,1fr)_104px_104px] gap-x-6 items-center pt-3 pb-[11px] border-b border-line max-small:grid-cols-2 max-small:gap-y-2"
    >
      <div className="min-w-0">
        <RunName run={run} doing={own ? 'Being checked' : null} />
      </div>
      <div className="min-w-0">
        <div className="flex justify-between gap-3 mb-[6px] text-small">
          <span className="clip" title={share.text}>
            {share.text}
          </span>
          <b className="whitespace-nowrap">{share.percent === null ? '' : `${share.percent} %`}</b>
        </div>
        <Progress label="Progress" percent={share.percent} text={share.text} />
      </div>
      <Fact title="Running for" value={run.elapsedMs === null ? '–' : duration(run.elapsedMs)} />
      <Fact
        title="Stands still"
        value={stillMs === null ? '–' : duration(stillMs)}
        bad={stillMs !== null && stillMs > STUCK_MS}
      />
    </section>
  )
}
