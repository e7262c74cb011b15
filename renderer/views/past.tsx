// When did it stop: finished, waiting and findings over time, and a slider that shows any moment of it.
import { useState } from 'react'
import { FindingSpans } from '../charts/finding-spans.tsx'
import { FinishedOverTime, WaitingOverTime } from '../charts/past-charts.tsx'
import { failureText } from '../format.ts'
import { HandOver } from '../parts/hand-over.tsx'
import { HistoryTabs } from '../parts/history-tabs.tsx'
import { Main } from '../parts/main.tsx'
import { MomentPanel } from '../parts/moment-panel.tsx'
import { Empty, FailureNote } from '../parts/section.tsx'
import { SystemPicker } from '../parts/system-picker.tsx'
import { TimeLines, TimeSlider } from '../parts/time-slider.tsx'
import { type LookBack, lookBacks, type Past, selectPast } from '../past.ts'
import { momentModel } from '../past-moment.ts'
import { go } from '../route.ts'
import { coreNow, defaultSystem } from '../select.ts'
import { useAnswer, useView } from '../services.tsx'

const DAY = lookBacks[2]

export function PastView({ system }: { system: string | null }) {
  const { now, chosen } = useView((state, nowMs) => ({
    now: coreNow(state, nowMs),
    chosen: system ?? defaultSystem(state.snapshot),
  }))
  const [back, setBack] = useState<LookBack>(DAY)
  const [at, setAt] = useState<number | null>(null)
  const turn = Math.floor(now / back.refreshMs)
  const answer = useAnswer(`${back.title} ${turn}`, 'Read the history', (client, signal) =>
    client.history.range({ from: iso(now - back.ms), to: iso(now), points: 144 }, { signal }),
  )
  const past = answer.value === null ? null : selectPast(answer.value, chosen, now)
  const ids = answer.value?.systems.map(({ id }) => id) ?? []
  return (
    <Main label="History over time">
      <h1 className="text-title font-display">History</h1>
      <HistoryTabs here="past" />
      <div className="flex flex-wrap items-center gap-3 mt-3">
        <LookBacks here={back} onChoose={setBack} />
        <SystemPicker systems={ids} system={chosen} onChoose={(id) => go({ view: 'past', system: id })} />
        <span className="ml-auto">
          <HandOver fromMs={now - back.ms} toMs={now} />
        </span>
      </div>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {answer.value !== null && past === null && (
        <Empty title="Nothing has been recorded yet.">
          While Unjam runs, what it reads is kept: every five seconds for two hours, every minute for a day, every ten
          minutes for 30 days.
        </Empty>
      )}
      {past !== null && <Charts past={past} at={at} now={now} onChoose={setAt} />}
    </Main>
  )
}

const iso = (ms: number) => new Date(ms).toISOString()

function LookBacks({ here, onChoose }: { here: LookBack; onChoose: (back: LookBack) => void }) {
  return (
    <fieldset aria-label="How far back" className="flex gap-1">
      {lookBacks.map((back) => (
        <button
          key={back.title}
          type="button"
          className={`btn small${back === here ? ' bg-selected! font-semibold!' : ''}`}
          aria-pressed={back === here}
          onClick={() => onChoose(back)}
        >
          {back.title}
        </button>
      ))}
    </fieldset>
  )
}

interface ChartsProps {
  readonly past: Past
  readonly at: number | null
  readonly now: number
  readonly onChoose: (ms: number | null) => void
}

function Charts({ past, at, now, onChoose }: ChartsProps) {
  const atMs = at ?? now
  const answer = useAnswer(`${at ?? Math.floor(now / 5000)}`, 'Read that moment', (client, signal) =>
    client.history.moment({ at: iso(atMs) }, { signal }),
  )
  const { stop } = past
  return (
    <>
      <p className="flex items-center gap-3 mt-3 min-h-[26px] text-lead" role="status">
        {stop === null ? past.shortBecause : <b>{stop.sentence}</b>}
        {stop !== null && (
          <button type="button" className="btn small" onClick={() => onChoose(Math.max(past.fromMs, stop.ms))}>
            Show that moment
          </button>
        )}
        {at !== null && (
          <button type="button" className="btn small" onClick={() => onChoose(null)}>
            Back to now
          </button>
        )}
      </p>
      <div className="pl-10">
        <div className="relative">
          <FinishedOverTime past={past} />
          <WaitingOverTime past={past} />
          <FindingSpans past={past} />
          <TimeLines past={past} at={at} />
        </div>
        <TimeSlider past={past} at={at} onChoose={onChoose} />
      </div>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {answer.value !== null && <MomentPanel model={momentModel(answer.value, past.system, atMs)} live={at === null} />}
    </>
  )
}
