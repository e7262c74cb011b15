// `npm run faults [-- --short] [--seed N] [--only ACTION,…] [--report FILE]`: every fault at every point of every action.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { installFaultPoints } from './fault-points.ts'

installFaultPoints()
// After the fault points: what these import keeps functions of Node's own modules.
const { attempt } = await import('./attempt.ts')
const { scenarios } = await import('./scenarios.ts')
const { openWorld } = await import('./world.ts')
const { report } = await import('./report.ts')

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    report: { type: 'string' },
  },
})
const kinds = ['kill', 'cut', 'disk full', 'SIGKILL'] as const
/** Points of one row that the short form tries, spread evenly from a start that the seed decides. */
const SHORT = 2
/** Processes that are really killed take a second each. */
const KILLED = values.short ? 1 : 8

const wanted = values.only?.split(',') ?? scenarios.map(({ name }) => name)
const world = await openWorld()
const rows: import('./report.ts').Row[] = []
let failed = 0
try {
  for (const scenario of scenarios.filter(({ name }) => wanted.includes(name)))
    for (const phase of ['execute', 'undo'] as const)
      for (const kind of kinds) {
        const started = performance.now()
        const real = kind === 'SIGKILL'
        const fault = (point: number) => ({ kind: real ? ('kill' as const) : kind, point })
        const { points } = await attempt(world, scenario, phase, fault(Number.POSITIVE_INFINITY))
        const tries = real ? KILLED : values.short ? SHORT : points
        const chosen = choose(points, tries, Number(values.seed))
        const row = { action: scenario.name, phase, kind, points, tried: 0, lost: 0, doubled: 0, wrong: 0, ms: 0 }
        for (const point of chosen) {
          const outcome = await attempt(world, scenario, phase, fault(point), real)
          row.tried++
          row.lost += outcome.lost
          row.doubled += outcome.doubled
          if (outcome.wrong.length === 0 && outcome.lost + outcome.doubled === 0) continue
          row.wrong++
          failed++
          console.error(
            `${scenario.name}, ${phase}, ${kind} at point ${point} (${outcome.at}): lost ${outcome.lost}, doubled ${outcome.doubled}`,
          )
          for (const sentence of outcome.wrong.slice(0, 5)) console.error(`  ${sentence}`)
        }
        row.ms = performance.now() - started
        rows.push(row)
        console.log(
          `${scenario.name.padEnd(18)} ${phase.padEnd(8)} ${kind.padEnd(10)} ${row.tried}/${points} points, lost ${row.lost}, doubled ${row.doubled}, wrong ${row.wrong}, ${(row.ms / 1000).toFixed(1)} s`,
        )
      }
} catch (error) {
  console.error(error)
  failed++
} finally {
  await world.close()
}
console.log(report(rows, values.short ? 'short' : 'full'))
if (values.report !== undefined) writeFileSync(values.report, report(rows, values.short ? 'short' : 'full'))
const tried = rows.reduce((sum, row) => sum + row.tried, 0)
const tally = process.env.UNJAM_TALLY
if (tally !== undefined) writeFileSync(tally, JSON.stringify({ passed: tried - failed, failed, skipped: [] }))
console.log(`${tried - failed} passed, ${failed} failed, 0 skipped`)
process.exit(failed === 0 ? 0 : 1)

/** `n` of the points 1…`points`, evenly spread; the seed shifts them. */
function choose(points: number, n: number, seed: number): number[] {
  if (n >= points) return Array.from({ length: points }, (_, i) => i + 1)
  const step = points / n
  const shift = ((seed * 0.618_033_988_75) % 1) * step
  return Array.from({ length: n }, (_, i) => 1 + (Math.floor(i * step + shift) % points))
}
