// The only place that shows “unknown”: the last value dashed and violet, with its age and the cause.
import type { ReactNode } from 'react'
import { ago } from '../format.ts'
import type { Shown } from '../select.ts'

interface Props<T> {
  readonly shown: Shown<T>
  readonly children: (value: T) => ReactNode
  /** Says the age below the value instead of only to whoever asks. */
  readonly explain?: boolean
}

export function ReadingValue<T>({ shown: { value, lost }, children, explain = false }: Props<T>) {
  if (lost === null) return value === null ? '–' : children(value)
  const sentence = `${value === null ? 'Never read' : 'Last known'}, ${ago(lost.ageMs)}: ${lost.because}`
  return (
    <>
      <span className="unk" title={sentence}>
        {value === null ? 'unknown' : children(value)}
        {!explain && <span className="sr-only"> ({sentence})</span>}
      </span>
      {explain && <span className="block text-micro text-ink-3">{sentence}</span>}
    </>
  )
}
