// A heading on a hairline: structure without boxes.
import type { ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly note?: ReactNode
  readonly end?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  readonly id?: string
}

export function Section({ title, note, end, children, className = '', id }: Props) {
  return (
    <section aria-label={title} className={className} id={id}>
      <div className="sec">
        <h2>{title}</h2>
        {note !== undefined && <span className="text-small text-ink-3 clip">{note}</span>}
        {end !== undefined && <span className="end">{end}</span>}
      </div>
      {children}
    </section>
  )
}

/** A screen that has nothing to show yet says how that changes. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="py-10 max-w-[62ch]">
      <h2 className="text-title font-display">{title}</h2>
      <div className="mt-1 text-lead text-ink-2">{children}</div>
    </div>
  )
}

/** A failure in its own words, where its result would have been. */
export function FailureNote({ text, again }: { text: string; again?: () => void }) {
  return (
    <p role="alert" className="flex items-center gap-3 py-3 text-failed">
      <span className="min-w-0">{text}</span>
      {again !== undefined && (
        <button type="button" className="btn small text-ink" onClick={again}>
          Try again
        </button>
      )}
    </p>
  )
}
