// The state glyphs: each state has its own shape; colour only repeats it.
import type { JobState } from '../../electron/contract/job.ts'
import type { Level } from '../select.ts'
import { type GlyphName, shapes } from './glyph-shapes.tsx'

const colours: Readonly<Record<GlyphName, string>> = {
  queued: 'text-queued',
  running: 'text-running',
  done: 'text-done',
  failed: 'text-failed',
  skipped: 'text-skipped',
  attention: 'text-attention',
  critical: 'text-critical',
  unknown: 'text-unknown',
  ok: 'text-done',
  info: 'text-running',
  frozen: 'text-critical',
  hung: 'text-attention',
  idle: 'text-attention',
}

/** With a label it is read out; without one the word beside it must say the same. */
export function Glyph({ name, label, size = 14 }: { name: GlyphName; label?: string; size?: number }) {
  return (
    <svg
      className={colours[name]}
      width={size}
      height={size}
      viewBox="0 0 14 14"
      role={label === undefined ? undefined : 'img'}
      aria-hidden={label === undefined}
      aria-label={label}
    >
      {shapes[name]}
    </svg>
  )
}

export const levelGlyph: Readonly<Record<Level, GlyphName>> = {
  critical: 'critical',
  warning: 'attention',
  info: 'info',
  unknown: 'unknown',
  clear: 'done',
}

export const levelColour: Readonly<Record<Level, string>> = {
  critical: 'text-critical',
  warning: 'text-attention',
  info: 'text-running',
  unknown: 'text-unknown',
  clear: 'text-done',
}

export const stateWords: Readonly<Record<JobState, string>> = {
  queued: 'Queued',
  running: 'Processing',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
}
