// One bar per attempt, one lane per slot of a worker: the long one that holds everything is seen at once.
import { audio, duration } from '../wording.ts'
import { utc } from './report.ts'
import { type RunBar, rowsOf, type SystemRuns, spanOf } from './runs.ts'
import { bar, svg, text, timeAxis, timeScale } from './svg.ts'

const NAMES = 190
const TOP = 22
const LANE = 24
const MOST = 16
/** Width of a letter of 12 px, generously. */
const LETTER = 6.6

export function lanesChart(runs: SystemRuns): string {
  if (runs.bars.length === 0) return ''
  const rows = rowsOf(runs)
  const shown = rows.slice(0, MOST)
  const x = timeScale(runs.fromMs, runs.toMs, NAMES)
  const height = TOP + shown.length * LANE + 24
  const more = rows.length - shown.length
  const title = `One bar per attempt${more > 0 ? `; ${more} more lanes are not shown` : ''}`
  return svg(`${runs.system}: ${shown.length} lanes of workers, one bar per attempt`, height, [
    text(0, 12, `${title}; running in blue, failed in red, what a verdict is about in amber`),
    ...shown.flatMap(({ worker, bars }, row) => [
      text(NAMES - 10, TOP + row * LANE + 15, cut(worker, NAMES - 10), 'end'),
      bar('lane', NAMES, TOP + row * LANE + 2, x(runs.toMs) - NAMES, LANE - 6),
      ...bars.map((one) => attempt(one, runs, TOP + row * LANE + 2, x)),
    ]),
    timeAxis(runs.fromMs, runs.toMs, x, height - 6),
  ])
}

function attempt(one: RunBar, runs: SystemRuns, top: number, x: (ms: number) => number): string {
  const { from, to } = spanOf(one, runs)
  // A hair of a gap keeps neighbours apart.
  const width = x(to) - x(from) - 0.8
  const length = one.audioMs === null ? '' : ` · ${audio(one.audioMs)} of audio`
  const took = duration((one.endedAt === null ? to : Date.parse(one.endedAt)) - Date.parse(one.startedAt))
  const ended = one.endedAt === null ? 'still running' : one.outcome
  const box = bar(
    kindOf(one),
    x(from),
    top,
    width,
    LANE - 6,
    `${one.title}${length}, ${ended}, ${took} from ${utc(one.startedAt)}`,
  )
  const label = cut(`${one.title}${length}`, width - 12)
  return label.length < 12
    ? box
    : box + text(x(from) + 6, top + 13, label, 'start', kindOf(one) === 'done' ? 'on' : 'in')
}

function kindOf({ endedAt, outcome, blamed }: RunBar): string {
  if (endedAt === null) return blamed ? 'warning' : 'info'
  return outcome === 'failed' || outcome === 'timeout' || outcome === 'lost' ? 'failed' : 'done'
}

function cut(what: string, width: number): string {
  const letters = Math.max(0, Math.floor(width / LETTER))
  return what.length <= letters ? what : letters < 2 ? '' : `${what.slice(0, letters - 1)}…`
}
