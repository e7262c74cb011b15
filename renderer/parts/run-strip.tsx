// One running job: how far, how fast, since when, until when, and its last sign of life.
import { ago, duration, remaining, speed } from '../format.ts'
import { shareOf } from '../run-share.ts'
import type { RunModel } from '../select-running.ts'
import { CrawlStrip } from './crawl-strip.tsx'
import { Fact } from './fact.tsx'
import { Progress } from './progress.tsx'
import { QcStrip } from './qc-strip.tsx'
import { RunName } from './run-name.tsx'

const phases: Readonly<Record<RunModel['phase'], string>> = {
  active: 'Being transcribed',
  parked: 'Stepped aside for others',
  cancelling: 'Being stopped',
}

/** `own`: on the job's own screen, where its name stands already. */
export function RunStrip({ run, own = false }: { run: RunModel; own?: boolean }) {
  if (run.crawl !== null) return <CrawlStrip run={run} crawl={run.crawl} own={own} />
  if (run.qc !== null) return <QcStrip run={run} stillMs={run.qc.stillMs} own={own} />
  const share = shareOf(run, run.step ?? 'starting')
  return (
    <section
      aria-label={`Running job ${run.title}`}
      className="grid grid-cols-[minmax(0,1.15fr)_minmax(120px,1fr)_52px_78px_140px_78px] gap-x-6 items-center pt-3 pb-[11px] border-b border-line max-small:grid-cols-4 max-small:gap-y-2 wide:pt-4 wide:pb-[15px]"
    >
      <div className="min-w-0 max-small:col-span-2">
        <RunName run={run} doing={own ? phases[run.phase] : null} />
      </div>
      <div className="max-small:col-span-2">
        <div className="flex justify-between mb-[6px] text-small">
          <span className="clip">{share.text}</span>
          <b>{share.percent === null ? '' : `${share.percent} %`}</b>
        </div>
        <Progress label="Progress" percent={share.percent} text={share.text} />
      </div>
      <Fact title="Speed" value={run.speed === null ? '–' : speed(run.speed)} />
      <Fact title="Elapsed" value={run.elapsedMs === null ? '–' : duration(run.elapsedMs)} />
      <Fact
        title="Ends"
        value={run.ends?.between ?? run.ends?.clock ?? (run.phase === 'parked' ? '' : '–')}
        note={
          run.ends === null
            ? run.phase === 'parked'
              ? own
                ? 'when its turn comes'
                : 'stepped aside'
              : ''
            : `in ${remaining(run.ends.leftMs)}`
        }
      />
      <Fact
        title="Heartbeat"
        value={run.heartbeat === null ? '–' : ago(run.heartbeat.ageMs)}
        bad={run.heartbeat?.level === 'warning'}
      />
    </section>
  )
}
