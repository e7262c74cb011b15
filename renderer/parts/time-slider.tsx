// Chooses a moment below the charts: by mouse, touch or keys; its line runs through everything above it.
import { clockSeconds, moment } from '../format.ts'
import type { Past } from '../past.ts'

interface Props {
  readonly past: Past
  /** null follows the present. */
  readonly at: number | null
  readonly onChoose: (ms: number | null) => void
}

export function TimeSlider({ past, at, onChoose }: Props) {
  const { fromMs, toMs, bucketMs, ticks } = past
  const value = Math.max(fromMs, Math.min(toMs, at ?? toMs))
  return (
    <div>
      <div className="relative h-4 text-[11px]/[16px] text-ink-3" aria-hidden="true">
        {ticks.map(({ left, label }) => (
          <span key={left} className="absolute -translate-x-1/2" style={{ left: `${left}%` }}>
            {label}
          </span>
        ))}
      </div>
      <input
        type="range"
        className="time-slider"
        aria-label="Moment"
        aria-valuetext={at === null ? `now, ${clockSeconds(toMs)}` : moment(value)}
        min={fromMs}
        max={toMs}
        // Arrows go from bar to bar; while one drags, the slider stops at each as well.
        step={Math.max(5000, Math.min(bucketMs, (toMs - fromMs) / 200))}
        value={value}
        onChange={(event) => {
          const ms = Number(event.target.value)
          onChoose(ms >= toMs - bucketMs / 2 ? null : ms)
        }}
      />
    </div>
  )
}

/** The chosen moment and the stop, through every chart. */
export function TimeLines({ past, at }: { past: Past; at: number | null }) {
  const { fromMs, toMs, stop } = past
  const left = Math.max(0, Math.min(100, (((at ?? toMs) - fromMs) / (toMs - fromMs)) * 100))
  return (
    <div className="absolute inset-0 pointer-events-none" aria-hidden="true">
      {stop !== null && (
        <span className="absolute inset-y-0 border-l border-dashed border-attention" style={{ left: `${stop.left}%` }}>
          <span
            className={`absolute top-0 px-1 text-small text-attention whitespace-nowrap ${stop.left > 70 ? 'right-0' : 'left-0'}`}
          >
            {stop.label}
          </span>
        </span>
      )}
      <span className="absolute inset-y-0 border-l-2 border-accent" style={{ left: `${left}%`, marginLeft: -1 }} />
    </div>
  )
}
