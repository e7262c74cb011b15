// How much is said in each part of a recording, with what has been played in the accent colour.
import { memo } from 'react'
import type { Segment } from '../../electron/contract/job.ts'
import { speechShape } from '../select-job.ts'

const COLUMNS = 120
const HEIGHT = 32

interface Props {
  readonly segments: readonly Segment[]
  readonly totalMs: number
  readonly positionMs: number
}

export function SpeechMap({ segments, totalMs, positionMs }: Props) {
  const played = totalMs === 0 ? 0 : (positionMs / totalMs) * COLUMNS
  return (
    <svg viewBox={`0 0 ${COLUMNS * 4} ${HEIGHT}`} preserveAspectRatio="none" className="w-full h-8" aria-hidden="true">
      <clipPath id="played">
        <rect width={played * 4} height={HEIGHT} />
      </clipPath>
      <g fill="var(--line-control)">
        <Columns segments={segments} totalMs={totalMs} />
      </g>
      <g fill="var(--accent)" clipPath="url(#played)">
        <Columns segments={segments} totalMs={totalMs} />
      </g>
    </svg>
  )
}

const Columns = memo(function Columns({ segments, totalMs }: Pick<Props, 'segments' | 'totalMs'>) {
  const bars = speechShape(segments, totalMs, COLUMNS).map((share, n) => {
    const height = 2 + share * (HEIGHT - 6)
    return `M${n * 4} ${(HEIGHT - height) / 2}h2v${height}h-2z`
  })
  return <path d={bars.join('')} />
})
