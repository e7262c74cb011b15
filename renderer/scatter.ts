// Audio against processing time as points in a picture, the time limit as a line: who sits above it would be killed.
import type { JobPoint, LimitReport } from '../electron/contract/proof.ts'
import { count, duration } from './format.ts'

export const WIDTH = 720
export const HEIGHT = 300
/** Room for the scales. */
const PLOT = { left: 58, right: 12, top: 14, bottom: 34 }
const MINUTE = 60_000

export interface Dot {
  readonly key: string
  readonly x: number
  readonly y: number
  readonly state: JobPoint['state']
  readonly above: boolean
  readonly title: string
}

export interface Scatter {
  readonly dots: readonly Dot[]
  /** Height of the line, and what it says; null: no limit is set. */
  readonly limit: { readonly y: number; readonly label: string } | null
  /** The learned speed: from the origin to the edge of the picture. */
  readonly pace: { readonly x: number; readonly y: number } | null
  readonly xTicks: readonly { at: number; label: string }[]
  readonly yTicks: readonly { at: number; label: string }[]
  readonly bottom: number
  readonly left: number
  readonly description: string
}

/** null: nothing to draw. */
export function scatterOf({ points, currentSeconds, speed }: LimitReport): Scatter | null {
  if (points.length === 0) return null
  const limitMs = currentSeconds === null ? null : currentSeconds * 1000
  const audio = niceTop(Math.max(...points.map(({ audioMs }) => audioMs)))
  const wall = niceTop(Math.max(limitMs ?? 0, ...points.map(({ wallMs }) => wallMs)))
  const x = (ms: number) => PLOT.left + (ms / audio) * (WIDTH - PLOT.left - PLOT.right)
  const y = (ms: number) => HEIGHT - PLOT.bottom - (ms / wall) * (HEIGHT - PLOT.top - PLOT.bottom)
  const dots = points.map((point) => ({
    key: `${point.state} ${point.id}`,
    x: x(point.audioMs),
    y: y(point.wallMs),
    state: point.state,
    above: limitMs !== null && point.wallMs > limitMs,
    title: `${point.title}, ${duration(point.audioMs)} of audio, ${point.state === 'done' ? 'took' : 'needs about'} ${duration(point.wallMs)}`,
  }))
  const edge = speed === null ? null : Math.min(audio, wall * speed.median)
  return {
    dots,
    limit: limitMs === null ? null : { y: y(limitMs), label: `limit ${duration(limitMs)}` },
    pace: edge === null || speed === null ? null : { x: x(edge), y: y(edge / speed.median) },
    xTicks: ticks(audio).map((ms) => ({ at: x(ms), label: label(ms) })),
    yTicks: ticks(wall).map((ms) => ({ at: y(ms), label: label(ms) })),
    bottom: HEIGHT - PLOT.bottom,
    left: PLOT.left,
    description: inWords(dots, limitMs),
  }
}

const label = (ms: number) => (ms === 0 ? '0' : `${Math.round(ms / MINUTE)} min`)
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 960, 1920].map((minutes) => minutes * MINUTE)

function stepOf(most: number): number {
  return STEPS.find((step) => most / step <= 5) ?? most / 5
}

function niceTop(most: number): number {
  const step = stepOf(most)
  return Math.max(step, Math.ceil((most * 1.04) / step) * step)
}

function ticks(top: number): number[] {
  const step = stepOf(top)
  return Array.from({ length: Math.floor(top / step + 1e-6) + 1 }, (_, n) => n * step)
}

function inWords(dots: readonly Dot[], limitMs: number | null): string {
  const of = (state: JobPoint['state']) => dots.filter((dot) => dot.state === state).length
  const kinds = `${count(of('done'), 'done job')}, ${of('running')} running, ${of('failed')} failed`
  if (limitMs === null) return `Audio against processing time of ${kinds}. No limit is set.`
  const above = dots.filter((dot) => dot.above).length
  return `Audio against processing time of ${kinds}; ${above} lie above the limit of ${duration(limitMs)}.`
}
