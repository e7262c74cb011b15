// The other findings, one line each: what, since when, and what somebody has said to it.
import { hashOf } from '../route.ts'
import type { FindingLine } from '../select-findings.ts'
import { Glyph, levelGlyph } from './glyph.tsx'

/** What follows is in History; the verdict's own count says how many there are. */
const MOST = 5

export function FindingList({ lines }: { lines: readonly FindingLine[] }) {
  if (lines.length === 0) return null
  return (
    <section aria-label="Other findings" className="flex flex-wrap gap-x-6 border-b border-line">
      <h2 className="flex-none w-[84px] py-[5px] text-small font-semibold text-ink-2">Also found</h2>
      <div className="flex-1 min-w-[300px]">
        <ul className="[&>li:last-child]:border-b-0">
          {lines.slice(0, MOST).map(({ key, level, word, system, headline, age, said }) => (
            <li key={key} className="flex items-center gap-3 min-h-[29px] border-b border-line">
              <Glyph name={levelGlyph[level]} label={word} />
              <a href={hashOf({ view: 'finding', key })} className="min-w-0 clip text-ink" title={headline}>
                {headline}
              </a>
              <span className="ml-auto flex-none text-small text-ink-3 whitespace-nowrap">
                {said !== null && <span className="text-ink-2">{said} · </span>}
                {system} · {age}
              </span>
            </li>
          ))}
        </ul>
        {lines.length > MOST && (
          <p className="pb-[5px] text-small text-ink-3">
            and <a href={hashOf({ view: 'findings' })}>{lines.length - MOST} more</a>
          </p>
        )}
      </div>
    </section>
  )
}
