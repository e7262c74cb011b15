// What is not wrong: at 3 a.m. it saves more time than a second chart.
import { Glyph } from './glyph.tsx'

export function NotTheCause({ items }: { items: readonly string[] }) {
  if (items.length === 0) return null
  return (
    <section
      aria-label="What is not wrong"
      className="flex flex-wrap items-center gap-x-6 gap-y-2 mt-4 py-2 border-y border-line text-small text-ink-2 wide:mt-[26px] wide:py-[11px]"
    >
      <b>Not the cause</b>
      <ul className="flex flex-wrap gap-x-[22px] gap-y-1">
        {items.map((text) => (
          <li key={text} className="flex items-center gap-[6px]">
            <Glyph name="ok" />
            {text}
          </li>
        ))}
      </ul>
    </section>
  )
}
