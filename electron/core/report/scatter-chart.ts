// Audio against processing time, the limit as a line: who sits above it was killed, or would be.
import { duration } from '../wording.ts'
import { aboveLimit, type SystemRuns } from './runs.ts'
import { LEFT, round, svg, text, tip, WIDTH } from './svg.ts'

const MINUTE = 60_000
const TOP = 24
const PLOT = 240
const RIGHT = 8
const HEIGHT = TOP + PLOT + 36
const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 960, 1920].map((minutes) => minutes * MINUTE)

export function scatterChart(runs: SystemRuns): string {
  const { points, limitMs, speed } = runs
  if (points.length === 0) return ''
  const audio = scaleTo(Math.max(...points.map(({ audioMs }) => audioMs)))
  const wall = scaleTo(Math.max(limitMs ?? 0, ...points.map(({ wallMs }) => wallMs)))
  const x = (ms: number) => LEFT + (ms / audio.top) * (WIDTH - RIGHT - LEFT)
  const y = (ms: number) => TOP + PLOT - (ms / wall.top) * PLOT
  const above = aboveLimit(runs).length
  const said =
    limitMs === null
      ? 'no limit is set'
      : `${above} of ${points.length} ${points.length === 1 ? 'job' : 'jobs'} above the limit of ${duration(limitMs)}`
  const paceMs = speed === null ? null : Math.min(audio.top, wall.top * speed)
  return svg(`${runs.system}: audio against processing time; ${said}`, HEIGHT, [
    text(0, 12, `Processing time against audio; ${said}; hollow: where a failed or running job would end`),
    ...wall.ticks.map((ms) => `<path class="grid" d="M${LEFT} ${round(y(ms))}H${WIDTH - RIGHT}"/>`),
    ...wall.ticks.map((ms) => text(LEFT - 8, y(ms) + 4, minutes(ms), 'end')),
    ...audio.ticks.map((ms) => text(x(ms), TOP + PLOT + 17, minutes(ms), x(ms) > WIDTH - 60 ? 'end' : 'middle')),
    text(WIDTH - RIGHT, HEIGHT - 4, 'audio', 'end'),
    paceMs === null || speed === null
      ? ''
      : `<path class="pace" d="M${LEFT} ${TOP + PLOT}L${round(x(paceMs))} ${round(y(paceMs / speed))}"/>`,
    limitMs === null
      ? ''
      : `<path class="limit" d="M${LEFT} ${round(y(limitMs))}H${WIDTH - RIGHT}"/>${text(LEFT + 6, y(limitMs) - 5, `limit ${duration(limitMs)}`, 'start', 'limit')}`,
    ...points.map(({ title, state, audioMs, wallMs }) => {
      const name = state === 'done' ? 'dot' : `dot ${state}`
      const words = tip(
        `${title}, ${duration(audioMs)} of audio, ${state === 'done' ? 'took' : 'needs about'} ${duration(wallMs)}`,
      )
      return `<circle class="${name}" cx="${round(x(audioMs))}" cy="${round(y(wallMs))}" r="${state === 'done' ? 3 : 4.5}">${words}</circle>`
    }),
  ])
}

const minutes = (ms: number) => (ms === 0 ? '0' : `${Math.round(ms / MINUTE)} min`)

/** At most five steps, the last beyond `most`. */
function scaleTo(most: number): { top: number; ticks: readonly number[] } {
  const step = steps.find((one) => most / one <= 5) ?? most / 5
  const count = Math.max(1, Math.ceil((most * 1.04) / step))
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, n) => n * step) }
}
