// What is not wrong, which at 3 a.m. saves more time than a second chart; and at its end what can be said to the finding.
import type { Verdict } from '../verdict.ts'
import { FindingSaid } from './finding-said.tsx'
import { Glyph } from './glyph.tsx'

export function NotTheCause({ verdict: { key, said, notTheCause } }: { verdict: Verdict }) {
  if (notTheCause.length === 0 && key === null) return null
  return (
    <section
      aria-label="What is not wrong"
      className="flex items-center gap-x-6 mt-4 py-2 border-y border-line text-small text-ink-2 wide:mt-[26px] wide:py-[11px]"
    >
      {notTheCause.length > 0 && (
        <>
          <b className="whitespace-nowrap">Not the cause</b>
          <ul className="flex flex-wrap gap-x-[22px] gap-y-1 min-w-0">
            {notTheCause.map((text) => (
              <li key={text} className="flex items-center gap-[6px]">
                <Glyph name="ok" />
                {text}
              </li>
            ))}
          </ul>
        </>
      )}
      {key !== null && said !== null && <FindingSaid finding={key} said={said} />}
    </section>
  )
}
