// The local worker: whether it runs, what each slot does, its engine, its models and what it says.
import { useEffect } from 'react'
import { EnginePanel } from '../parts/engine-panel.tsx'
import { Glyph, levelColour, levelGlyph } from '../parts/glyph.tsx'
import { Main } from '../parts/main.tsx'
import { ModelTable } from '../parts/model-table.tsx'
import { RunStrip } from '../parts/run-strip.tsx'
import { Section } from '../parts/section.tsx'
import { WorkerActions } from '../parts/worker-actions.tsx'
import { WorkerLog } from '../parts/worker-log.tsx'
import { WorkerTable } from '../parts/worker-table.tsx'
import { selectWorker } from '../select-worker.ts'
import { useView } from '../services.tsx'

export function WorkerView({ part }: { part: 'models' | null }) {
  const model = useView(selectWorker)
  const ready = model !== null
  useEffect(() => {
    if (part === 'models' && ready) document.getElementById('models')?.scrollIntoView({ block: 'start' })
  }, [part, ready])
  if (model === null) return <Main label="Worker">Reading the worker.</Main>
  const { process, host } = model
  return (
    <Main label="Worker">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-title font-display flex items-center gap-[9px]">
            <Glyph name={levelGlyph[model.level]} size={16} />
            {model.headline}
          </h1>
          <p className={`mt-1 text-lead ${model.because === null ? 'text-ink-2' : levelColour[model.level]}`}>
            {model.because ?? processText(process)}
          </p>
        </div>
        <div className="ml-auto flex-none">
          <WorkerActions system={model.system} state={process.state} primary={model.level !== 'clear'} />
        </div>
      </div>
      <Section title="Workers" note="every process that takes jobs from this database" className="mt-5">
        <WorkerTable workers={model.workers} />
      </Section>
      <Section title="In its slots" note="one line per running job" className="mt-5">
        {model.running.map((run) => (
          <RunStrip key={run.id} run={run} />
        ))}
        {model.running.length === 0 && <p className="py-3 text-ink-3 border-b border-line">{model.slots}</p>}
      </Section>
      <div className="grid grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)] max-narrow:grid-cols-1 gap-9 mt-5 pb-10">
        <div>
          <ModelTable host={host} />
        </div>
        <div>
          <EnginePanel engine={host.engine} />
          <WorkerLog />
        </div>
      </div>
    </Main>
  )
}

function processText({ pid, restarts }: { pid: number | null; restarts: number }): string {
  const number = pid === null ? 'Its jobs wait in the database; nothing is lost.' : `Process ${pid}.`
  return restarts === 0
    ? number
    : `${number} Started again ${restarts === 1 ? 'once' : `${restarts} times`} since Unjam began.`
}
