// Numbers as an operator reads them: durations, audio lengths, speeds, counts, lists.

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `40 s`, `37 min`, `3 h 00 min`, `4 d`. Takes ms. */
export function duration(ms: number): string {
  const positive = Math.max(0, ms)
  if (positive < 100 * SECOND) return `${Math.round(positive / SECOND)} s`
  const minutes = Math.round(positive / MINUTE)
  if (minutes < 100) return `${minutes} min`
  if (positive < 2 * DAY) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.round(positive / DAY)} d`
}

/** The same, always in whole minutes where a limit is spoken of: `15 min`, `90 s`. */
export function limit(ms: number): string {
  return ms % MINUTE === 0 ? `${ms / MINUTE} min` : duration(ms)
}

/** A length of audio: `1:03:00`, `3:12`. */
export function audio(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / SECOND)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60) % 60
  const hours = Math.floor(seconds / 3600)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** `0.29×`; times real time. */
export function speed(times: number): string {
  return `${times >= 10 ? times.toFixed(0) : times.toFixed(2)}×`
}

/** `1069`, `12,400`: the same in every locale, as the core does not know who reads. */
export function number(n: number): string {
  const digits = String(Math.round(n))
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 job`, `20 jobs`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`
}

/** The word alone, for "that 1 job waits, those 2 jobs wait". */
export function plural(n: number, one: string, many: string): string {
  return n === 1 ? one : many
}

/** `a.m4a, b.m4a and 18 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${number(rest)} more`
  const last = shown.at(-1)
  return shown.length > 1 && last !== undefined ? `${shown.slice(0, -1).join(', ')} and ${last}` : shown.join('')
}

/** First letter large: a clause becomes a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
