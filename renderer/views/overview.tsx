// Is it healthy, and if not, the first thing to press.
import { isSample } from '../../electron/contract/sample.ts'
import { FinishedChart } from '../charts/finished-chart.tsx'
import { TimelineChart } from '../charts/timeline-chart.tsx'
import { TrendChart } from '../charts/trend-chart.tsx'
import { selectFinished } from '../finished.ts'
import { isFirstRun } from '../first-run.ts'
import { selectTrend } from '../message-trend.ts'
import { FindingCleared } from '../parts/finding-cleared.tsx'
import { FindingList } from '../parts/finding-list.tsx'
import { FirstRun } from '../parts/first-run.tsx'
import { Hints } from '../parts/hints.tsx'
import { Main } from '../parts/main.tsx'
import { NotTheCause } from '../parts/not-the-cause.tsx'
import { RunStrip } from '../parts/run-strip.tsx'
import { SystemTable } from '../parts/system-table.tsx'
import { Today } from '../parts/today.tsx'
import { VerdictCard } from '../parts/verdict-card.tsx'
import { go } from '../route.ts'
import { defaultSystem, selectSystems } from '../select.ts'
import { selectOthers } from '../select-findings.ts'
import { selectRunning } from '../select-running.ts'
import { inSample } from '../select-sample.ts'
import { useServices, useStore, useView } from '../services.tsx'
import { selectTimeline } from '../timeline.ts'
import { selectVerdict } from '../verdict.ts'

/** `finding` is the one that is asked for; the first otherwise. */
export function OverviewView({ finding }: { finding: string | null }) {
  const trend = useStore(useServices().trend)
  const model = useView((all, now) => {
    const asked = all.snapshot?.findings.find(({ key }) => key === finding)
    // One of the person's own systems may be asked for while a sample is walked through.
    const state = asked !== undefined && !isSample(asked.system) ? all : inSample(all)
    const index = state.snapshot?.findings.findIndex(({ key }) => key === finding) ?? -1
    const verdict = selectVerdict(state, now, Math.max(0, index))
    const systems = selectSystems(state, now)
    const subject = systems.find(({ id }) => id === verdict?.system)?.id ?? defaultSystem(state.snapshot)
    const running = selectRunning(state, now)
    const others = selectOthers(state, now, verdict?.key ?? null)
    // As many strips as leave room for the systems on a small screen, two findings being as high as one; the cause first.
    const strips = Math.max(1, 4 - systems.length - Math.floor(others.length / 2))
    return {
      first: state.snapshot !== null && isFirstRun(state.snapshot),
      verdict,
      gone: finding !== null && index === -1,
      next: state.snapshot?.findings[(Math.max(0, index) + 1) % (verdict?.total || 1)]?.key ?? null,
      others,
      systems,
      running: running
        .toSorted((a, b) => Number(b.id === verdict?.job) - Number(a.id === verdict?.job))
        .slice(0, strips),
      more: Math.max(0, running.length - strips),
      timeline: selectTimeline(state, now, verdict?.job ?? null),
      finished: selectFinished(state, now, subject),
      trend: selectTrend(trend, state, subject),
    }
  })
  const { verdict } = model
  if (verdict === null) return <Connecting />
  if (model.first) return <FirstRun />
  const bare = verdict.notTheCause.length === 0 && verdict.key === null
  return (
    <Main label="Overview" level={verdict.level}>
      {model.gone && <FindingCleared />}
      <VerdictCard verdict={verdict} onNext={() => model.next !== null && go({ view: 'finding', key: model.next })} />
      <NotTheCause verdict={verdict} />
      <Hints items={verdict.hints} />
      <FindingList lines={model.others} />
      {model.running.length === 0 && <Idle topRule={bare} />}
      {model.running.map((run, n) => (
        <div key={`${run.system} ${run.id}`} className={n === 0 && bare ? 'mt-4 border-t border-line' : ''}>
          <RunStrip run={run} />
        </div>
      ))}
      {model.more > 0 && (
        <p className="pt-2 text-small text-ink-3">
          and {model.more} more: <a href="#/jobs?state=running">everything that runs</a>
        </p>
      )}
      <section
        className="grid grid-cols-[minmax(0,1fr)_300px] max-small:grid-cols-1 gap-8 mt-[11px] wide:mt-6 wide:grid-cols-[minmax(0,1fr)_420px] wide:gap-12"
        aria-label="Over time"
      >
        <TimelineChart timeline={model.timeline} />
        {model.finished !== null && (
          <div>
            <FinishedChart model={model.finished} />
            {model.trend === null ? <Today facts={model.finished.today} /> : <TrendChart model={model.trend} />}
          </div>
        )}
      </section>
      <div className="overflow-x-auto">
        <SystemTable systems={model.systems} />
      </div>
    </Main>
  )
}

function Idle({ topRule }: { topRule: boolean }) {
  return (
    <p className={`py-3 border-b border-line text-ink-3 ${topRule ? 'mt-4 border-t' : ''}`}>
      No job is being processed.
    </p>
  )
}

function Connecting() {
  return (
    <Main label="Overview">
      <h1 className="text-title font-display">Reading the systems</h1>
      <p className="mt-1 text-lead text-ink-2">
        The first reading takes up to three seconds when the database has to start.
      </p>
    </Main>
  )
}
