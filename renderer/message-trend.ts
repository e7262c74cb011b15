// How many messages waited since this window was opened: the snapshot has only now, and a pile-up is a slope.
import { createStore, type StoreApi } from 'zustand/vanilla'
import { duration, time, whole } from './format.ts'
import type { LiveState } from './live.ts'

export interface Sample {
  readonly at: number
  readonly n: number
}
/** By system, oldest first. Readings that are unknown leave a gap, never a zero. */
export type Trend = Readonly<Record<string, readonly Sample[]>>

const APART_MS = 15_000
/** Two hours of samples: beyond, the oldest go. */
const KEPT = 480

export function withSamples(trend: Trend, { snapshot }: LiveState): Trend {
  let next = trend
  for (const { id, queues } of snapshot?.systems ?? []) {
    if (queues?.status !== 'known') continue
    const at = time(queues.at)
    const own = trend[id] ?? []
    const last = own.at(-1)
    if (last !== undefined && at - last.at < APART_MS) continue
    const n = queues.value.reduce((sum, { messages }) => sum + messages, 0)
    next = { ...next, [id]: [...own, { at, n }].slice(-KEPT) }
  }
  return next
}

export function watchTrend(live: StoreApi<LiveState>): StoreApi<Trend> {
  const store = createStore<Trend>(() => withSamples({}, live.getState()))
  live.subscribe((state) => store.setState(withSamples(store.getState(), state), true))
  return store
}

export interface TrendChart {
  readonly title: string
  /** “93, +1 every 2 min”. */
  readonly note: string
  readonly alarming: boolean
  /** Points of a line on a field of 300 by 46. */
  readonly points: string
  readonly description: string
}

const SHORTEST_MS = 60_000
const WIDTH = 300
const HEIGHT = 46

/** null until there is a slope to see. */
export function selectTrend(trend: Trend, state: LiveState, system: string): TrendChart | null {
  const samples = trend[system] ?? []
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.at - first.at < SHORTEST_MS) return null
  const queues = state.snapshot?.systems.find(({ id }) => id === system)?.queues
  const names = queues?.status === 'known' ? queues.value.filter(({ messages }) => messages > 0) : []
  const [only] = names
  const most = Math.max(1, ...samples.map(({ n }) => n))
  const place = ({ at, n }: Sample) =>
    `${(((at - first.at) / (last.at - first.at)) * WIDTH).toFixed(1)},${(HEIGHT - (n / most) * (HEIGHT - 2)).toFixed(1)}`
  const rate = rateText(first, last)
  const title = names.length === 1 && only !== undefined ? `Messages in ${only.name}` : 'Messages'
  return {
    title,
    note: rate === '' ? whole(last.n) : `${whole(last.n)}, ${rate}`,
    alarming: last.n > first.n,
    points: samples.map(place).join(' '),
    description: `${title} of ${system}: ${whole(first.n)} ${duration(last.at - first.at)} ago, ${whole(last.n)} now`,
  }
}

function rateText(first: Sample, last: Sample): string {
  const grown = last.n - first.n
  if (grown === 0) return 'steady'
  const perMinute = Math.abs(grown) / ((last.at - first.at) / 60_000)
  const sign = grown > 0 ? '+' : '−'
  return perMinute >= 1
    ? `${sign}${whole(Math.round(perMinute))} a minute`
    : `${sign}1 every ${duration(60_000 / perMinute)}`
}
