// Finished and waiting over time, the stop marked, findings' spans beneath.
import type { FindingEpisode } from '../../contract/finding-life.ts'
import type { RangeBucket, SystemRange } from '../../contract/history.ts'
import { duration, number } from '../wording.ts'
import { type Report, utc } from './report.ts'
import { bar, LEFT, type Place, round, svg, text, timeAxis, timeScale, WIDTH } from './svg.ts'

const PLOT = WIDTH - LEFT - 8
const BAR = 72
const LINE = 72
const GAP = 30
const LANE = 20

export function rangeChart(system: SystemRange, report: Report): string {
  const { buckets } = system
  if (buckets.length === 0) return ''
  const fromMs = Date.parse(buckets[0]?.from ?? report.from)
  const toMs = Math.max(fromMs + 1, Date.parse(report.to))
  const x = timeScale(fromMs, toMs)
  const step = PLOT / Math.max(1, (toMs - fromMs) / report.bucketMs)
  const spans = report.spans.filter((span) => span.system === system.id).slice(0, 8)
  const lanes = BAR + LINE + 2 * GAP + 12
  const height = lanes + spans.length * LANE + 26
  const stop = system.waits && system.lastDoneAt !== null ? Date.parse(system.lastDoneAt) : null
  const title = `${system.id}: jobs finished and waiting, ${utc(report.from)} to ${utc(report.to)}`
  return svg(title, height, [
    bars(buckets, GAP - 6, x, step, report.bucketMs),
    waiting(buckets, GAP - 6 + BAR + GAP, x),
    stop !== null && stop >= fromMs ? mark(x(stop), lanes - 8, utc(system.lastDoneAt ?? '')) : '',
    ...spans.map((span, row) => spanBar(span, lanes + row * LANE, x, toMs)),
    timeAxis(fromMs, toMs, x, height - 8),
  ])
}

function bars(buckets: readonly RangeBucket[], top: number, x: Place, step: number, bucketMs: number): string {
  const most = Math.max(1, ...buckets.map(({ finished, failed }) => (finished ?? 0) + (failed ?? 0)))
  const rects = buckets.map(({ from, moments, finished, failed }) => {
    const at = x(Date.parse(from))
    const width = Math.max(0.6, Math.min(step - 1, LEFT + PLOT - at))
    // Not looked at, or not readable: neither a zero nor a gap in the work.
    if (moments === 0 || finished === null) return bar('unknown', at, top + BAR - 4, width, 4)
    const tall = (finished / most) * BAR
    const bad = ((failed ?? 0) / most) * BAR
    const good = tall === 0 ? '' : bar('done', at, top + BAR - tall, width, tall)
    return bad === 0 ? good : good + bar('failed', at, top + BAR - tall - bad, width, bad)
  })
  return [
    text(0, 12, `Finished per ${duration(bucketMs)}; failed in red; not recorded dotted`),
    text(LEFT - 8, top + 9, number(most), 'end'),
    text(LEFT - 8, top + BAR, '0', 'end'),
    ...rects,
    `<path class="base" d="M${LEFT} ${top + BAR + 0.5}H${LEFT + PLOT}"/>`,
  ].join('\n')
}

function waiting(buckets: readonly RangeBucket[], top: number, x: Place): string {
  const most = Math.max(1, ...buckets.map(({ queued, messages }) => Math.max(queued ?? 0, messages ?? 0)))
  const line = (pick: (bucket: RangeBucket) => number | null) => {
    let open = false
    return buckets
      .map((bucket) => {
        const value = pick(bucket)
        const move = open ? 'L' : 'M'
        open = value !== null
        return value === null
          ? ''
          : `${move}${round(x(Date.parse(bucket.from)))} ${round(top + LINE - (value / most) * LINE)}`
      })
      .join('')
  }
  const messages = line((bucket) => bucket.messages)
  return [
    text(0, top - 12, `Jobs queued${messages === '' ? '' : '; messages in the broker dashed'}`),
    text(LEFT - 8, top + 9, number(most), 'end'),
    text(LEFT - 8, top + LINE, '0', 'end'),
    `<path class="queued" d="${line((bucket) => bucket.queued)}"/>`,
    messages === '' ? '' : `<path class="messages" d="${messages}"/>`,
    `<path class="base" d="M${LEFT} ${top + LINE + 0.5}H${LEFT + PLOT}"/>`,
  ].join('\n')
}

function mark(at: number, bottom: number, when: string): string {
  const end = at > WIDTH * 0.7
  return `<path class="stop" d="M${round(at)} 18V${bottom}"/>${text(at + (end ? -5 : 5), 12, `last finished ${when}`, end ? 'end' : 'start')}`
}

function spanBar(span: FindingEpisode, top: number, x: Place, toMs: number): string {
  const from = x(Date.parse(span.since))
  const to = x(span.clearedAt === null ? toMs : Date.parse(span.clearedAt))
  const late = from > WIDTH * 0.55
  const words = text(late ? to : from, top + 15, span.headline.slice(0, 110), late ? 'end' : 'start')
  return bar(span.severity, from, top, Math.max(2, to - from), 4) + words
}
