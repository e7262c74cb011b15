// When did it stop: finished, waiting and findings over time, and a slider that shows any moment of it.
import { useRef, useState } from 'react'
import { failureText, time } from '../format.ts'
import { HandOver } from '../parts/hand-over.tsx'
import { HistoryTabs } from '../parts/history-tabs.tsx'
import { Main } from '../parts/main.tsx'
import { PastPanel } from '../parts/past-panel.tsx'
import { Empty, FailureNote } from '../parts/section.tsx'
import { SystemPicker } from '../parts/system-picker.tsx'
import { type LookBack, lookBacks, selectPast } from '../past.ts'
import { go } from '../route.ts'
import { coreNow, defaultSystem } from '../select.ts'
import { useAnswer, useView } from '../services.tsx'
import { useReplay } from '../use-replay.ts'

const DAY = lookBacks[2]
const FIRST_MS = 5000

export function PastView({ system }: { system: string | null }) {
  const replay = useReplay()
  const { now, chosen } = useView((state, nowMs) => ({
    // A bundle ends where it ends, whichever of its moments the screens show.
    now: replay === null ? coreNow(state, nowMs) : time(replay.to),
    chosen: system ?? defaultSystem(state.snapshot),
  }))
  const [back, setBack] = useState<LookBack>(DAY)
  const [at, setAt] = useState<number | null>(null)
  // The first reading is kept five seconds after the start: nobody is to wait for the next turn to see it.
  const isEmpty = useRef(false)
  const turn = Math.floor(now / (isEmpty.current ? FIRST_MS : back.refreshMs))
  const answer = useAnswer(`${back.title} ${turn}`, 'Read the history', (client, signal) =>
    client.history.range({ from: iso(now - back.ms), to: iso(now), points: 144 }, { signal }),
  )
  const past = answer.value === null ? null : selectPast(answer.value, chosen, now)
  isEmpty.current = answer.value !== null && past === null
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
      {isEmpty.current && (
        <Empty title="Nothing has been recorded yet.">
          While Unjam runs, what it reads is kept: every five seconds for two hours, every minute for a day, every ten
          minutes for 30 days.
        </Empty>
      )}
      {past !== null && <PastPanel past={past} at={at} now={now} seekable={replay !== null} onChoose={setAt} />}
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
