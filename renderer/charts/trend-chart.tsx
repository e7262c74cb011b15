// Messages over the time this window has been open: a line, amber where it climbs.
import type { TrendChart as Model } from '../message-trend.ts'

export function TrendChart({ model }: { model: Model }) {
  return (
    <figure className="mt-3">
      <figcaption className="flex items-baseline gap-[10px]">
        <h2>{model.title}</h2>
        <span className={`ml-auto text-small ${model.alarming ? 'text-attention' : 'text-ink-3'}`}>{model.note}</span>
      </figcaption>
      <svg
        viewBox="0 0 300 48"
        preserveAspectRatio="none"
        role="img"
        aria-label={model.description}
        className="w-full h-[48px] mt-[6px] wide:h-[76px]"
      >
        <polyline
          points={model.points}
          fill="none"
          stroke={model.alarming ? 'var(--bar-hold)' : 'var(--plot)'}
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
        <path d="M0 47.5h300" stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  )
}
