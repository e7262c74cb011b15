// Bytes as an operator reads them: decimal units, as file managers and model lists give them.

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** `466 MB`, `1.6 GB`. */
export function bytes(n: number): string {
  let value = Math.max(0, n)
  let unit = 0
  // 999.5 would be shown as 1000 of the smaller unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(unit === 0 || value >= 9.95 ? 0 : 1)} ${UNITS[unit]}`
}
