// The content area: one view at a time, its verdict's colour as a line above it.
import type { ReactNode } from 'react'
import type { Level } from '../select.ts'

interface Props {
  readonly label: string
  readonly level?: Level
  /** The view scrolls inside itself (lists) instead of as a whole: always, or where there is width for columns. */
  readonly fill?: boolean | 'wide'
  readonly children: ReactNode
}

const lines: Readonly<Record<Level, string>> = {
  critical: '!border-t-critical-mark',
  warning: '!border-t-attention-mark',
  info: '!border-t-running',
  unknown: '!border-t-unknown',
  clear: '',
}

export function Main({ label, level = 'clear', fill = false, children }: Props) {
  return (
    <main
      aria-label={label}
      className={`main${fill === false ? '' : ' fill'}${fill === 'wide' ? ' max-narrow:!overflow-y-auto max-narrow:!block' : ''} ${lines[level]}`}
      tabIndex={-1}
    >
      <div className="inner">{children}</div>
    </main>
  )
}
