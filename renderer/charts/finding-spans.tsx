// Since when and until when each finding stood, beneath the charts on the same time axis.
import { Glyph, levelGlyph } from '../parts/glyph.tsx'
import type { Past, PastSpan } from '../past.ts'
import type { Level } from '../select.ts'

const colours: Readonly<Record<Level, string>> = {
  critical: 'bg-critical',
  warning: 'bg-attention-mark',
  info: 'bg-running',
  unknown: 'bg-unknown',
  clear: 'bg-done',
}

export function FindingSpans({ past }: { past: Past }) {
  return (
    <section className="mt-4" aria-label="Findings over time">
      <h2>Findings</h2>
      {past.spans.length === 0 && <p className="py-1 text-small text-ink-3">{past.noSpans}</p>}
      <ul>
        {past.spans.map((span) => (
          <Span key={span.key} span={span} />
        ))}
      </ul>
      {past.moreSpans > 0 && <p className="text-small text-ink-3">and {past.moreSpans} more, listed under Findings</p>}
    </section>
  )
}

function Span({ span: { left, width, level, text, late } }: { span: PastSpan }) {
  return (
    <li className="relative h-[26px]">
      <span
        className={`absolute top-[3px] h-[4px] rounded-1 ${colours[level]}`}
        style={{ left: `${left}%`, width: `${width}%` }}
      />
      <span
        className={`absolute top-[9px] flex items-center gap-[5px] max-w-full text-small text-ink-2 ${late ? 'flex-row-reverse' : ''}`}
        style={late ? { right: `${100 - Math.min(100, left + width)}%` } : { left: `${left}%` }}
      >
        <Glyph name={levelGlyph[level]} size={11} />
        <span className="clip">{text}</span>
      </span>
    </li>
  )
}
