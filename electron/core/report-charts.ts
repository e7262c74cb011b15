// The report's pictures as SVG text: finished and waiting over time, the stop marked, findings' spans beneath.
import type { FindingEpisode } from '../contract/finding-life.ts'
import type { RangeBucket, SystemRange } from '../contract/history.ts'
import { type Report, utc } from './report.ts'
import { duration, number } from './wording.ts'

const WIDTH = 960
const LEFT = 52
const PLOT = WIDTH - LEFT - 8
const BAR = 72
const LINE = 72
const GAP = 30
const LANE = 20

/** Everything that can be markup becomes text. */
export function escapeHtml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      // XML forbids them, and nobody reads them.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  )
}

export function rangeChart(system: SystemRange, report: Report): string {
  const { buckets } = system
  if (buckets.length === 0) return ''
  const fromMs = Date.parse(buckets[0]?.from ?? report.from)
  const toMs = Math.max(fromMs + 1, Date.parse(report.to))
  const x = (ms: number) => LEFT + Math.max(0, Math.min(1, (ms - fromMs) / (toMs - fromMs))) * PLOT
  const step = PLOT / Math.max(1, (toMs - fromMs) / report.bucketMs)
  const spans = report.spans.filter((span) => span.system === system.id).slice(0, 8)
  const lanes = BAR + LINE + 2 * GAP + 12
  const height = lanes + spans.length * LANE + 26
  const stop = system.waits && system.lastDoneAt !== null ? Date.parse(system.lastDoneAt) : null
  const title = `${system.id}: jobs finished and waiting, ${utc(report.from)} to ${utc(report.to)}`
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}" xmlns="http://www.w3.org/2000/svg">`,
    bars(buckets, GAP - 6, x, step, report.bucketMs),
    waiting(buckets, GAP - 6 + BAR + GAP, x),
    stop !== null && stop >= fromMs ? mark(x(stop), lanes - 8, utc(system.lastDoneAt ?? '')) : '',
    ...spans.map((span, row) => spanBar(span, lanes + row * LANE, x, toMs)),
    axis(fromMs, toMs, x, height - 8),
    '</svg>',
  ].join('\n')
}

const text = (x: number, y: number, what: string, anchor = 'start') =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeHtml(what)}</text>`
const round = (n: number) => Math.round(n * 10) / 10

type Place = (ms: number) => number

function bars(buckets: readonly RangeBucket[], top: number, x: Place, step: number, bucketMs: number): string {
  const most = Math.max(1, ...buckets.map(({ finished, failed }) => (finished ?? 0) + (failed ?? 0)))
  const rects = buckets.map(({ from, moments, finished, failed }) => {
    const at = x(Date.parse(from))
    const width = Math.max(0.6, Math.min(step - 1, LEFT + PLOT - at))
    // Not looked at, or not readable: neither a zero nor a gap in the work.
    if (moments === 0 || finished === null)
      return `<rect class="unknown" x="${round(at)}" y="${top + BAR - 4}" width="${round(width)}" height="4"/>`
    const tall = (finished / most) * BAR
    const bad = ((failed ?? 0) / most) * BAR
    const good =
      tall === 0
        ? ''
        : `<rect class="done" x="${round(at)}" y="${round(top + BAR - tall)}" width="${round(width)}" height="${round(tall)}"/>`
    return bad === 0
      ? good
      : `${good}<rect class="failed" x="${round(at)}" y="${round(top + BAR - tall - bad)}" width="${round(width)}" height="${round(bad)}"/>`
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
  return `<rect class="${span.severity}" x="${round(from)}" y="${top}" width="${round(Math.max(2, to - from))}" height="4"/>${text(late ? to : from, top + 15, span.headline.slice(0, 110), late ? 'end' : 'start')}`
}

function axis(fromMs: number, toMs: number, x: Place, y: number): string {
  const day = toMs - fromMs > 36 * 60 * 60_000
  return Array.from({ length: 5 }, (_, n) => fromMs + ((toMs - fromMs) * n) / 4)
    .map((ms, n) => {
      const at = new Date(ms).toISOString()
      return text(
        x(ms),
        y,
        day ? at.slice(5, 16).replace('T', ' ') : at.slice(11, 16),
        n === 0 ? 'start' : n === 4 ? 'end' : 'middle',
      )
    })
    .join('\n')
}
