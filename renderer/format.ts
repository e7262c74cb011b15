// Numbers and times as a person reads them: pure, `now` is always an argument.
import type { Failure, Instant } from '../electron/contract/failure.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const two = (n: number) => String(n).padStart(2, '0')

/** `40 s`, `37 min`, `3 h 00 min`, `3 d 04 h`: always the two largest units at most, rounded down. */
export function duration(ms: number): string {
  const safe = Math.max(0, ms)
  if (safe < MINUTE) return `${Math.floor(safe / SECOND)} s`
  if (safe < HOUR) return `${Math.floor(safe / MINUTE)} min`
  if (safe < 2 * DAY) return `${Math.floor(safe / HOUR)} h ${two(Math.floor((safe % HOUR) / MINUTE))} min`
  return `${Math.floor(safe / DAY)} d ${two(Math.floor((safe % DAY) / HOUR))} h`
}

/** Time left: rounded up to the unit shown, so that it never promises too much. */
export function remaining(ms: number): string {
  const safe = Math.max(0, ms)
  const step = safe < MINUTE ? SECOND : MINUTE
  return duration(Math.ceil(safe / step) * step)
}

/** `40 s ago`; `now` for what is younger than a second. */
export function ago(ms: number): string {
  return ms < SECOND ? 'now' : `${duration(ms)} ago`
}

/** What an ended run took: `0.3 s`, `8.1 s`, then as any duration; never `0 s`. */
export function took(ms: number): string {
  return ms < 9950 ? `${Math.max(0.1, ms / SECOND).toFixed(1)} s` : duration(ms)
}

/** Length of audio, to the nearest second: `0:58`, `52:12`, `1:03:00`. */
export function audio(ms: number): string {
  return position(Math.round(ms / SECOND) * SECOND)
}

/** A place in audio, or how far it has come: the second that has begun. */
export function position(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND))
  const rest = `${two(seconds % 60)}`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`
}

/** `0.29×`, `12.4×`, `140×`. */
export function speed(times: number): string {
  return `${times.toFixed(times < 9.995 ? 2 : times < 99.95 ? 1 : 0)}×`
}

/** `19:43` in the reader's own time zone. */
export function clock(ms: number): string {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

export function clockSeconds(ms: number): string {
  return `${clock(ms)}:${two(new Date(ms).getSeconds())}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Thu 5 Feb · 19:43:08`. */
export function moment(ms: number): string {
  const at = new Date(ms)
  return `${weekdays[at.getDay()]} ${at.getDate()} ${months[at.getMonth()]} · ${clockSeconds(ms)}`
}

/** `19:43` today, `4 Feb 22:18` on another day, with the year when it is not this one. */
export function when(ms: number, nowMs: number): string {
  const at = new Date(ms)
  const today = new Date(nowMs)
  if (at.toDateString() === today.toDateString()) return clock(ms)
  const year = at.getFullYear() === today.getFullYear() ? '' : ` ${at.getFullYear()}`
  return `${at.getDate()} ${months[at.getMonth()]}${year} ${clock(ms)}`
}

const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** `466 MB`, `1.6 GB`: decimal units, as model lists and file managers give them. */
export function bytes(n: number): string {
  let value = Math.max(0, n)
  let unit = 0
  // 999.5 would be shown as 1000 of the smaller unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** `1069`, `1,000,000`: separated from five digits on. */
export function whole(n: number): string {
  return n < 10_000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 job`, `20 jobs`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`
}

/** `83 %` of a whole that is shown beside it; never 100 before the end. */
export function percent(part: number, whole: number): number {
  if (whole <= 0) return 0
  const share = Math.max(0, Math.min(1, part / whole))
  return share < 1 ? Math.min(99, Math.floor(share * 100)) : 100
}

export function time(instant: Instant): number {
  return Date.parse(instant)
}

/** A failure as a person reads it. The contract's own `sentence` would bring the validator into the page. */
export function failureText(failure: Failure): string {
  const what = failure.on === '' ? failure.tried : `${failure.tried} (${failure.on})`
  return `${what}: ${failure.because}.${failure.remedy === null ? '' : ` ${failure.remedy}`}`
}

/** For large type: a number and its unit are never on two lines. */
export function glued(text: string): string {
  return text.replace(/(\d) (?=(?:h|min|s|ms|%|×|MB|GB|kB)\b)/g, '$1\u00a0').replace(/(\u00a0h) (?=\d)/g, '$1\u00a0')
}
