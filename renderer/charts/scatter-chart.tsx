// Audio minutes against processing time: filled where a job was done, hollow where it would end; the limit is a line.
import { HEIGHT, type Scatter, WIDTH } from '../scatter.ts'

const colours: Readonly<Record<Scatter['dots'][number]['state'], string>> = {
  done: 'var(--bar-done)',
  running: 'var(--running)',
  failed: 'var(--failed)',
}
const text = { fontSize: 11, fill: 'var(--ink-3)' } as const

export function ScatterChart({ scatter }: { scatter: Scatter }) {
  const { dots, limit, pace, xTicks, yTicks, bottom, left } = scatter
  return (
    <figure className="max-w-[860px]">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={scatter.description}
        className="w-full h-auto block"
      >
        {yTicks.map(({ at, label }) => (
          <g key={label}>
            <path d={`M${left} ${at}H${WIDTH - 12}`} stroke="var(--line)" />
            <text x={left - 8} y={at + 4} textAnchor="end" {...text}>
              {label}
            </text>
          </g>
        ))}
        {xTicks.map(({ at, label }) => (
          <text key={label} x={at} y={bottom + 16} textAnchor={at > WIDTH - 40 ? 'end' : 'middle'} {...text}>
            {label}
          </text>
        ))}
        <text x={WIDTH - 12} y={bottom + 31} textAnchor="end" {...text}>
          audio
        </text>
        {pace !== null && (
          <path d={`M${left} ${bottom}L${pace.x} ${pace.y}`} stroke="var(--plot)" strokeDasharray="2 4" />
        )}
        {limit !== null && (
          <>
            <path d={`M${left} ${limit.y}H${WIDTH - 12}`} stroke="var(--bar-hold)" strokeWidth="1.5" />
            <text x={left + 6} y={limit.y - 5} fontSize={11} fontWeight={600} fill="var(--attention)">
              {limit.label}
            </text>
          </>
        )}
        {dots.map((dot) => (
          <circle
            key={dot.key}
            cx={dot.x}
            cy={dot.y}
            r={dot.state === 'done' ? 3 : 4.5}
            fill={dot.state === 'done' ? colours.done : 'var(--bg)'}
            stroke={colours[dot.state]}
            strokeWidth={dot.state === 'done' ? 0 : 2}
          >
            <title>{dot.title}</title>
          </circle>
        ))}
      </svg>
      <figcaption className="mt-1 flex flex-wrap gap-x-5 text-small text-ink-3">
        <span>● done, as long as it took</span>
        <span>○ failed or running, where it would end</span>
        {pace !== null && <span>┄ the usual speed</span>}
      </figcaption>
    </figure>
  )
}
