// The shapes of the glyphs, on a field of 14 by 14.
import type { JobState } from '../../electron/contract/job.ts'

export type GlyphName = JobState | 'attention' | 'critical' | 'unknown' | 'ok' | 'info' | WorkerGlyph

/** Ways in which a worker is not well, each of its own shape. */
type WorkerGlyph = 'frozen' | 'hung' | 'idle'

const ring = <circle cx="7" cy="7" r="5.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
const disc = <circle cx="7" cy="7" r="6" fill="currentColor" />

export const shapes: Readonly<Record<GlyphName, React.ReactNode>> = {
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
  frozen: (
    <>
      <rect x="1" y="1" width="12" height="12" rx="1.5" fill="var(--critical-mark)" />
      <path d="M5.2 4.2v5.6M8.8 4.2v5.6" stroke="var(--bg)" strokeWidth="1.7" />
    </>
  ),
  hung: (
    <>
      <circle cx="7" cy="7" r="5.25" fill="none" stroke="var(--attention-mark)" strokeWidth="1.5" />
      <path d="m3.4 10.6 7.2-7.2" stroke="var(--attention-mark)" strokeWidth="1.5" />
    </>
  ),
  idle: (
    <path
      d="M1.6 6.5v5.7h10.8V6.5M4.2 1.5 7 4.6l2.8-3.1M4.4 8.6h5.2"
      fill="none"
      stroke="var(--attention-mark)"
      strokeWidth="1.5"
    />
  ),
  ok: <path d="m2.5 7.4 3 3 6-6.6" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  info: (
    <>
      {ring}
      <path d="M7 6.2v4M7 3.7v1.4" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
}
