// Said across the top while the core cannot be reached: since when, why, and that the rest is the last known.
import { selectLink } from '../select.ts'
import { useView } from '../services.tsx'
import { Glyph } from './glyph.tsx'

export function LostBar() {
  const { lost } = useView(selectLink)
  if (lost === null) return <div className="col-span-full row-start-2" />
  return (
    <div
      role="alert"
      className="col-span-full row-start-2 flex items-center gap-2 px-[18px] py-2 bg-unknown-tint border-b border-unknown text-unknown"
    >
      <Glyph name="unknown" />
      <span>
        <b>Connection lost since {lost.since}.</b> Everything below is the last known, {lost.forText} old. Unjam tries
        again by itself: {lost.because}.
      </span>
    </div>
  )
}
