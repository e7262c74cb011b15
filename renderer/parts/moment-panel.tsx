// What was read at the chosen moment: counts, queues, workers, running jobs, and the findings that stood.
import type { MomentModel } from '../past-moment.ts'
import { Glyph, levelGlyph } from './glyph.tsx'
import { Section } from './section.tsx'

export function MomentPanel({ model, live }: { model: MomentModel; live: boolean }) {
  return (
    <Section
      className="mt-5"
      title={live ? `Now, ${model.title}` : model.title}
      note={model.age ?? 'nothing was recorded then'}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-x-10 max-small:grid-cols-1">
        <dl className="facts tight">
          {model.facts.map(({ label, value }) => (
            <div key={label} className="contents">
              <dt className="clip">{label}</dt>
              <dd>{value === null ? <span className="unk">unknown</span> : <b>{value}</b>}</dd>
            </div>
          ))}
        </dl>
        <div className="text-small">
          {model.findings.map(({ key, level, text }) => (
            <p key={key} className="flex items-center gap-2 py-[5px] border-b border-line">
              <Glyph name={levelGlyph[level]} />
              <span className="min-w-0">{text}</span>
            </p>
          ))}
          {model.knowsFindings && model.findings.length === 0 && (
            <p className="py-[5px] text-ink-3">No finding stood.</p>
          )}
          {model.jobs.map(({ id, title, heartbeat, rest }) => (
            <p key={id} className="flex items-center gap-2 py-[5px] border-b border-line">
              <Glyph name="running" label="Running" />
              <span className="min-w-0 clip">{title}</span>
              <span className="ml-auto text-ink-3 whitespace-nowrap">
                {rest}
                {rest === '' ? '' : ' · '}
                {heartbeat}
              </span>
            </p>
          ))}
          {model.unread.map((sentence) => (
            <p key={sentence} className="py-[5px] text-unknown border-b border-line">
              Could not be read: {sentence}
            </p>
          ))}
        </div>
      </div>
    </Section>
  )
}
