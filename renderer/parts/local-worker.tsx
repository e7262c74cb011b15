// The worker of this computer: whether it runs, what each slot does, its engine, its models and what it says.

import type { WorkerModel } from '../select-worker.ts'
import { EnginePanel } from './engine-panel.tsx'
import { Glyph, levelColour, levelGlyph } from './glyph.tsx'
import { ModelTable } from './model-table.tsx'
import { RunStrip } from './run-strip.tsx'
import { Section } from './section.tsx'
import { WorkerActions } from './worker-actions.tsx'
import { WorkerLog } from './worker-log.tsx'
import { WorkerTable } from './worker-table.tsx'

interface Props {
  readonly model: WorkerModel
  /** It is all there is on the screen; else the Celery workers stand above it. */
  readonly alone: boolean
}

export function LocalWorker({ model, alone }: Props) {
  const Title = alone ? 'h1' : 'h2'
  const { process, host } = model
  return (
    <section aria-label="Worker of this computer" className={alone ? '' : 'mt-8 pt-5 border-t border-line-strong'}>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0">
          <Title className="text-title font-display flex items-center gap-[9px]">
            <Glyph name={levelGlyph[model.level]} size={16} />
            {alone ? model.headline : model.headline.replace('The worker', 'The worker of this computer')}
          </Title>
          <p className={`mt-1 text-lead ${model.because === null ? 'text-ink-2' : levelColour[model.level]}`}>
            {model.because ?? processText(process)}
          </p>
        </div>
        <div className="ml-auto flex-none">
          <WorkerActions system={model.system} state={process.state} primary={alone && model.level !== 'clear'} />
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
    </section>
  )
}

function processText({ pid, restarts }: { pid: number | null; restarts: number }): string {
  const number = pid === null ? 'Its jobs wait in the database; nothing is lost.' : `Process ${pid}.`
  return restarts === 0
    ? number
    : `${number} Started again ${restarts === 1 ? 'once' : `${restarts} times`} since Unjam began.`
}
