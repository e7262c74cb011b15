// `--since`: how far back, as a length before now or as a date.
import { WrongUsage } from './arguments.ts'

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The `from` of a query; nothing where nothing was given. */
export function since(text: string | undefined, nowMs = Date.now()): { from?: string } {
  if (text === undefined) return {}
  const [, digits = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = digits === '' ? Date.parse(text) : nowMs - Number(digits) * (units[unit] ?? 0)
  if (Number.isNaN(ms) || ms >= nowMs)
    throw new WrongUsage(`--since ${JSON.stringify(text)} is neither a length like 90m, 6h, 3d nor a date in the past`)
  return { from: new Date(ms).toISOString() }
}
