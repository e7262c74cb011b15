// Finished and waiting over time, one above the other on one time axis; what was not recorded is hatched, never zero.
import type { Past, PastBar } from '../past.ts'

export function FinishedOverTime({ past }: { past: Past }) {
  return (
    <Chart title={`Finished per ${past.bucketText}`} note="failed in red" top={past.barTop} label={past.description}>
      {past.bars.map((bar) => (
        <Bar key={bar.key} bar={bar} />
      ))}
    </Chart>
  )
}

/** Where nothing was recorded, or nothing could be read. */
function Gap({ left, width }: Pick<PastBar, 'left' | 'width'>) {
  return <rect x={left * 10} width={width * 10} y="0" height="100" fill="url(#not-recorded)" />
}

function Bar({ bar: { left, width, done, failed } }: { bar: PastBar }) {
  if (done === null) return <Gap left={left} width={width} />
  const at = { x: left * 10, width: width * 10 }
  const good = done * 0.96
  const bad = failed * 0.96
  return (
    <>
      {good > 0 && <rect {...at} y={100 - good} height={good} fill="var(--bar-done)" />}
      {bad > 0 && <rect {...at} y={100 - good - bad} height={bad} fill="var(--failed)" />}
    </>
  )
}

export function WaitingOverTime({ past }: { past: Past }) {
  const stroke = { fill: 'none', strokeWidth: 2, vectorEffect: 'non-scaling-stroke', strokeLinejoin: 'round' } as const
  const note = past.messages === null ? 'highest of each stretch' : 'messages in the broker in amber, dashed'
  return (
    <Chart title="Jobs queued" note={note} top={past.waitingTop} label="Jobs queued and messages over time">
      {past.bars
        .filter(({ waiting }) => !waiting)
        .map(({ key, left, width }) => (
          <Gap key={key} left={left} width={width} />
        ))}
      <path d={past.queued.path} stroke="var(--plot)" {...stroke} />
      {past.messages !== null && (
        <path d={past.messages.path} stroke="var(--bar-hold)" strokeDasharray="5 3" {...stroke} />
      )}
    </Chart>
  )
}

interface ChartProps {
  readonly title: string
  readonly note: string
  readonly top: string
  readonly label: string
  readonly children: React.ReactNode
}

/** Shapes stretch with the width; words do not, so they stand outside the picture. */
function Chart({ title, note, top, label, children }: ChartProps) {
  return (
    <figure className="mt-4">
      <figcaption className="flex items-baseline gap-[10px] mb-[6px]">
        <h2>{title}</h2>
        <span className="text-small text-ink-3">{note}</span>
      </figcaption>
      <div className="relative">
        <span className="absolute right-full top-0 mr-2 text-micro text-ink-3" aria-hidden="true">
          {top}
        </span>
        <span className="absolute right-full bottom-0 mr-2 text-micro text-ink-3" aria-hidden="true">
          0
        </span>
        <svg
          viewBox="0 0 1000 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={label}
          className="w-full h-[84px] wide:h-[124px]"
        >
          <defs>
            <pattern id="not-recorded" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" fill="var(--unknown-tint)" />
              <rect width="1" height="6" fill="var(--unknown)" opacity="0.35" />
            </pattern>
          </defs>
          {children}
          <path d="M0 99.5h1000" stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
        </svg>
      </div>
    </figure>
  )
}
