// The age of each running job's heartbeat against the limit: who is beyond the line counts as stuck.
import { duration, limit } from '../wording.ts'
import type { SystemRuns } from './runs.ts'
import { bar, round, svg, text, WIDTH } from './svg.ts'

const NAMES = 330
const AGES = 90
const TOP = 22
const ROW = 22
const MOST = 20

export function heartbeatChart({ system, beats, heartbeatLimitMs }: SystemRuns): string {
  const shown = beats.slice(0, MOST)
  if (shown.length === 0) return ''
  const oldest = shown[0]?.ageMs ?? 0
  // The limit is always in the picture, and one that has been silent for days does not squeeze the rest to nothing.
  const most = Math.max(heartbeatLimitMs * 1.35, Math.min(heartbeatLimitMs * 6, oldest * 1.1))
  const x = (ms: number) => NAMES + Math.min(1, ms / most) * (WIDTH - AGES - NAMES)
  const height = TOP + shown.length * ROW + 8
  const more = beats.length > MOST ? `; ${beats.length - MOST} more are not shown` : ''
  return svg(`${system}: age of the heartbeat of ${shown.length} running jobs`, height, [
    text(0, 12, `Heartbeat of what runs; beyond the line of ${limit(heartbeatLimitMs)} a job counts as stuck${more}`),
    ...shown.flatMap(({ title, ageMs }, row) => {
      const top = TOP + row * ROW
      return [
        text(0, top + 13, title.length > 50 ? `${title.slice(0, 49)}…` : title),
        bar('lane', NAMES, top + 4, WIDTH - AGES - NAMES, 10),
        ageMs === null ? '' : bar(ageMs > heartbeatLimitMs ? 'failed' : 'done', NAMES, top + 4, x(ageMs) - NAMES, 10),
        text(WIDTH, top + 13, ageMs === null ? 'unknown' : `${duration(ageMs)} ago`, 'end'),
      ]
    }),
    `<path class="limit" d="M${round(x(heartbeatLimitMs))} ${TOP}V${height - 6}"/>`,
  ])
}
