// Text for people: aligned columns, durations, ages and counts as words.

import { visibleLine } from '../contract/visible-text.ts'

type Cell = string | number | null

/** Rows under headings; numbers to the right, an unknown value as "–", no trailing spaces. */
export function columns(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = (cell: Cell | undefined) => (cell === null || cell === undefined ? '–' : printable(String(cell)))
  const width = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => text(row[i]).length)))
  const right = headings.map((_, i) => rows.some((row) => typeof row[i] === 'number'))
  const line = (cells: readonly (Cell | undefined)[]) =>
    headings
      .map((_, i) => (right[i] ? text(cells[i]).padStart(width[i] ?? 0) : text(cells[i]).padEnd(width[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(headings), ...rows.map(line)].join('\n')
}

/** Label and value pairs, the values in one column. */
export function pairs(rows: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length))
  return rows
    .map(([label, cell]) => `${label.padEnd(width)}  ${cell === null ? '–' : printable(String(cell))}`)
    .join('\n')
}

/** Foreign text on one line, with characters that could redraw or reorder a terminal escaped. */
export function printable(text: string): string {
  return visibleLine(text.replace(/\s*[\r\n]+\s*|\t/g, ' '))
}

/** 217 min, 4 min 10 s, 3.2 s; null stays null. */
export function duration(ms: number | null): string | null {
  if (ms === null) return null
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 10) return `${minutes} min ${whole % 60} s`
  return minutes < 600 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

export function ago(ms: number | null): string | null {
  return ms === null ? null : `${duration(ms)} ago`
}

/** 1 job, 2 jobs. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
/** 147 MB; decimal units, as disks are sold. */
export function size(bytes: number | null): string | null {
  if (bytes === null) return null
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const scaled = bytes / 1000 ** step
  return `${step === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[step]}`
}
