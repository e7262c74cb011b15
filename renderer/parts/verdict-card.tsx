// The verdict: cause, what is true now, the first thing to press, and the evidence beside it.

import { glued } from '../format.ts'
import { useKey } from '../keys.ts'
import { headlineLines, type Verdict } from '../verdict.ts'
import { EvidenceTable } from './evidence-table.tsx'
import { Glyph, levelColour, levelGlyph } from './glyph.tsx'
import { StepButtons } from './step-buttons.tsx'

interface Props {
  readonly verdict: Verdict
  readonly onNext: () => void
}

export function VerdictCard({ verdict, onNext }: Props) {
  const several = verdict.total > 1
  useKey('n', several ? onNext : null)
  return (
    <section className="verdict" aria-labelledby="verdict">
      <div>
        <div className="flex items-center gap-3 text-small text-ink-3">
          <span className={`flex items-center gap-[7px] text-body font-semibold ${levelColour[verdict.level]}`}>
            <Glyph name={levelGlyph[verdict.level]} />
            {verdict.word}
          </span>
          <span>{verdict.system}</span>
          {verdict.since !== null && <span>{verdict.since}</span>}
          {several && (
            <button type="button" className="text-accent hover:underline" onClick={onNext} aria-keyshortcuts="n">
              {verdict.index + 1} of {verdict.total} findings
            </button>
          )}
        </div>
        <h1 id="verdict">
          {headlineLines(verdict.headline).map((line) => (
            <span key={line} className="inline-block">
              {glued(line)}&nbsp;
            </span>
          ))}
        </h1>
        <p className="text-lead text-ink-2 max-w-[58ch] wide:text-[15px]/[23px]">{glued(verdict.explanation)}</p>
        <StepButtons steps={verdict.steps} />
        {verdict.effect !== null && <p className="mt-[9px] text-small text-ink-2">{verdict.effect}</p>}
      </div>
      <EvidenceTable rows={verdict.evidence} />
    </section>
  )
}
