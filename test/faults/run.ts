// `npm run faults [-- --short] [--points N] [--seed N] [--only ACTION,…] [--report FILE]`: faults at the points of every action.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { commandOf, installFaultPoints } from './fault-points.ts'

installFaultPoints()
// A running host isolates such an error (compose/guard-process.ts); it is named here, and the state is judged as ever.
process.on('unhandledRejection', (error, promise) =>
  console.error(`isolated: ${error instanceof Error ? error.message : String(error)} (${commandOf(promise)})`),
)
// After the fault points: what these import keeps functions of Node's own modules.
const { attempt } = await import('./attempt.ts')
const { scenarios } = await import('./scenarios.ts')
const { dockerAbsent, dockerRows } = await import('./docker.ts')
const { openWorld } = await import('./world.ts')
const { report } = await import('./report.ts')

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    points: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    report: { type: 'string' },
  },
})
const kinds = ['kill', 'cut', 'disk full', 'SIGKILL'] as const
/** Points of one row that are tried, spread evenly from a start that the seed decides. */
const MOST = values.short ? 3 : Number(values.points ?? Number.POSITIVE_INFINITY)
/** Processes that are really killed take a second each. */
const KILLED = values.short ? 1 : Math.min(8, MOST)
const form = values.short
  ? 'short form'
  : MOST === Number.POSITIVE_INFINITY
    ? 'every point'
    : `up to ${MOST} points a row`

const wanted = values.only?.split(',') ?? [...scenarios.map(({ name }) => name), 'docker']
const world = await openWorld()
const rows: import('./report.ts').Row[] = []
let failed = 0
try {
  for (const scenario of scenarios.filter(({ name }) => wanted.includes(name)))
    for (const phase of ['execute', 'undo'] as const) {
      let killPoints = 0
      for (const kind of kinds) {
        const started = performance.now()
        const real = kind === 'SIGKILL'
        const fault = (point: number) => ({ kind: real ? ('kill' as const) : kind, point })
        const points = real
          ? killPoints
          : (await attempt(world, scenario, phase, fault(Number.POSITIVE_INFINITY))).points
        if (kind === 'kill') killPoints = points
        if (points === 0 && kind !== 'cut')
          throw new Error(`${scenario.name}, ${phase}: nothing was done that ${kind} could interrupt`)
        const row = { action: scenario.name, phase, kind, points, tried: 0, lost: 0, doubled: 0, wrong: 0, ms: 0 }
        for (const point of choose(points, real ? KILLED : MOST, Number(values.seed))) {
          const { at, lost, doubled, wrong } = await attempt(world, scenario, phase, fault(point), real).catch(
            notSettled,
          )
          row.tried++
          row.lost += lost
          row.doubled += doubled
          if (wrong.length === 0 && lost + doubled === 0) continue
          row.wrong++
          wrongAt(
            `${scenario.name}, ${phase}, ${kind} at point ${point} (${at}): lost ${lost}, doubled ${doubled}`,
            wrong,
          )
        }
        row.ms = performance.now() - started
        rows.push(row)
        console.log(
          `${scenario.name.padEnd(18)} ${phase.padEnd(8)} ${kind.padEnd(10)} ${row.tried}/${points} points, lost ${row.lost}, doubled ${row.doubled}, wrong ${row.wrong}, ${(row.ms / 1000).toFixed(1)} s`,
        )
      }
    }
  // Each try starts and ends a project: minutes, in the long form only.
  const absent = values.short ? 'the short form leaves them out' : dockerAbsent()
  if (absent !== null) console.log(`skipped: actions on containers (${absent})`)
  else if (wanted.includes('docker')) rows.push(...(await dockerRows(wrongAt)))
} catch (error) {
  console.error(error)
  failed++
} finally {
  await world.close()
}
console.log(report(rows, form))
if (values.report !== undefined) writeFileSync(values.report, report(rows, form))
const tried = rows.reduce((sum, row) => sum + row.tried, 0)
const tally = process.env.UNJAM_TALLY
if (tally !== undefined) writeFileSync(tally, JSON.stringify({ passed: tried - failed, failed, skipped: [] }))
console.log(`${tried - failed} passed, ${failed} failed, 0 skipped`)
process.exit(failed === 0 ? 0 : 1)

function wrongAt(what: string, wrong: readonly string[]): void {
  failed++
  console.error(what)
  for (const sentence of wrong.slice(0, 5)) console.error(`  ${sentence}`)
}

/** Whatever could not be judged counts as wrong, and the run continues. */
function notSettled(error: unknown): import('./attempt.ts').Outcome {
  const sentence = error instanceof Error ? error.message : String(error)
  return { at: null, points: 0, lost: 0, doubled: 0, wrong: [sentence] }
}

/** `n` of the points 1…`points`, evenly spread; the seed shifts them. */
function choose(points: number, n: number, seed: number): number[] {
  if (n >= points) return Array.from({ length: points }, (_, i) => i + 1)
  const step = points / n
  const shift = ((seed * 0.618_033_988_75) % 1) * step
  return Array.from({ length: n }, (_, i) => 1 + (Math.floor(i * step + shift) % points))
}
