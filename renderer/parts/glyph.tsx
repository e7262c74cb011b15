// The state glyphs: each state has its own shape; colour only repeats it.
import type { JobState } from '../../electron/contract/job.ts'
import type { Level } from '../select.ts'

export type GlyphName = JobState | 'attention' | 'critical' | 'unknown' | 'ok' | 'info'

const ring = <circle cx="7" cy="7" r="5.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
const disc = <circle cx="7" cy="7" r="6" fill="currentColor" />

const shapes: Readonly<Record<GlyphName, React.ReactNode>> = {
  queued: ring,
  running: (
    <>
      {ring}
      <path d="M7 3.8a3.2 3.2 0 0 1 0 6.4z" fill="currentColor" />
    </>
  ),
  done: (
    <>
      {disc}
      <path d="M4.3 7.2 6.2 9l3.5-3.9" fill="none" stroke="var(--bg)" strokeWidth="1.5" />
    </>
  ),
  failed: (
    <>
      {disc}
      <path d="m4.9 4.9 4.2 4.2m0-4.2L4.9 9.1" fill="none" stroke="var(--bg)" strokeWidth="1.5" />
    </>
  ),
  skipped: (
    <>
      {ring}
      <path d="M4.5 7h5" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  attention: (
    <>
      <path d="M7 1 13.4 12.5H.6z" fill="var(--attention-mark)" />
      <path d="M7 5v3.4M7 9.7v1.3" stroke="var(--bg)" strokeWidth="1.5" />
    </>
  ),
  critical: (
    <>
      <path d="M4.3.8h5.4l3.5 3.5v5.4l-3.5 3.5H4.3L.8 9.7V4.3z" fill="var(--critical-mark)" />
      <path d="M7 3.6v4.2M7 9.2v1.4" stroke="var(--bg)" strokeWidth="1.6" />
    </>
  ),
  unknown: (
    <>
      <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="2.2 1.6" />
      <path
        d="M5.5 5.7a1.5 1.5 0 1 1 2 1.5c-.4.2-.5.4-.5.9M7 9.3v1.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.2"
      />
    </>
  ),
  ok: <path d="m2.5 7.4 3 3 6-6.6" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  info: (
    <>
      {ring}
      <path d="M7 6.2v4M7 3.7v1.4" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
}

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
