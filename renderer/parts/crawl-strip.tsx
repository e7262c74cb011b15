// One running crawl run: its task, its children, since when. Nothing of it is audio.
import { duration } from '../format.ts'
import type { RunModel } from '../select-running.ts'
import { Fact } from './fact.tsx'
import { RunName } from './run-name.tsx'
import { partsText, TaskId } from './task-id.tsx'

interface Props {
  readonly run: RunModel
  readonly crawl: NonNullable<RunModel['crawl']>
  /** On the run's own screen, where its name stands already. */
  readonly own: boolean
}

export function CrawlStrip({ run, crawl, own }: Props) {
  return (
    <section
      aria-label={`Running run ${run.title}`}
      className="grid grid-cols-[minmax(0,1.15fr)_minmax(120px,1fr)_190px_104px] gap-x-6 items-center pt-3 pb-[11px] border-b border-line max-small:grid-cols-2 max-small:gap-y-2"
    >
      <div className="min-w-0">
        <RunName run={run} doing={own ? 'Being crawled' : null} />
      </div>
      <div className="min-w-0">
        <div className="text-small text-ink-3">Task</div>
        <TaskId id={crawl.task} />
      </div>
      <Fact title="Children" value={partsText(crawl.parts)} />
      <Fact title="Running for" value={run.elapsedMs === null ? '–' : duration(run.elapsedMs)} />
    </section>
  )
}
