// Jobs finished per half hour; the empty half hours since the last one are marked.

import type { FinishedChart as Model } from '../finished.ts'
import { ago } from '../format.ts'

const HEIGHT = 50

export function FinishedChart({ model }: { model: Model }) {
  const step = 300 / Math.max(1, model.bars.length)
  return (
    <figure>
      <figcaption className="flex items-baseline gap-[10px]">
        <h2>Finished per 30 min</h2>
        <span className={`ml-auto text-small ${model.alarming ? 'text-attention' : 'text-ink-3'}`}>
          {model.lost === null ? model.note : <span className="unk">last known {ago(model.lost.ageMs)}</span>}
        </span>
      </figcaption>
      <svg
        viewBox="0 0 300 51"
        preserveAspectRatio="none"
        role="img"
        aria-label={model.description}
        className="w-full h-[52px] mt-[6px] wide:h-[82px]"
      >
        {model.bars.map((bar, index) => (
          <g key={bar.key} transform={`translate(${index * step + 1} 0)`}>
            {bar.flat ? (
              <rect y={HEIGHT - 1} width={step - 3} height="1" fill="var(--bar-hold)" />
            ) : (
              <>
                <Rect base={HEIGHT} share={bar.height} width={step - 3} fill="var(--bar-done)" />
                <Rect
                  base={HEIGHT - (bar.height / 100) * 46}
                  share={bar.failedHeight}
                  width={step - 3}
                  fill="var(--failed)"
                />
              </>
            )}
          </g>
        ))}
        <path d="M0 50.5h300" stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  )
}

function Rect({ base, share, width, fill }: { base: number; share: number; width: number; fill: string }) {
  const height = (share / 100) * 46
  return height === 0 ? null : <rect y={base - height} width={width} height={height} fill={fill} />
}
