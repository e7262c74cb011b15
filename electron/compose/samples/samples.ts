// Sample incidents as a part of the core: one at a time is started, shown among the systems, and left without a trace.
import { FailureError } from '../../contract/failure.ts'
import type { SampleIncident, SampleName } from '../../contract/sample.ts'
import type { Samples } from '../../core/api.ts'
import type { History } from '../../core/ports/history.ts'
import type { Clock } from '../../core/ports/local.ts'
import type { System } from '../../core/ports/system.ts'
import type { LocalDatabase } from '../local-database.ts'
import type { Incident, Staged } from './incident.ts'
import { incidents } from './incidents.ts'
import { createSampleDatabase } from './sample-database.ts'
import { sampleHistory } from './sample-history.ts'

export interface SamplesParts {
  readonly database: LocalDatabase
  readonly root: string
  readonly clock: Clock
  heartbeatLimitMs(): number
  /** Ids of the person's own systems: a sample takes none of them. */
  taken(): readonly string[]
  onProblem(error: unknown): void
}

export interface RunningSamples extends Samples {
  systems(): readonly System[]
  /** Receipts of samples are kept in memory, and only while their sample runs. */
  history(real: History): History
  close(): Promise<void>
}

const TICK_MS = 1000

interface Running {
  readonly incident: Incident
  readonly staged: Staged
  readonly ending: AbortController
  readonly ended: Promise<void>
}

export function createSamples(parts: SamplesParts): RunningSamples {
  const { clock } = parts
  const memory = sampleHistory()
  let running: Running | null = null
  /** Starts and ends follow each other: two clicks make no two samples. */
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work)
    turn = next.catch(() => undefined)
    return next
  }

  async function tickUntil(staged: Staged, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal).catch(() => undefined)
      // A database that is gone for a moment must end neither the sample nor the process.
      if (!signal.aborted) await staged.tick().catch(parts.onProblem)
    }
  }

  async function end(): Promise<void> {
    const was = running
    running = null
    if (was === null) return
    was.ending.abort(new Error('the sample was left'))
    await was.ended
    memory.clear()
    await was.staged.close()
  }

  async function begin(incident: Incident): Promise<void> {
    await end()
    const staged = await incident.stage({
      ...{ clock, root: parts.root, heartbeatLimitMs: parts.heartbeatLimitMs },
      database: () => createSampleDatabase(parts.database, incident.name, parts.onProblem),
    })
    const both = staged.systems.find(({ id }) => parts.taken().includes(id))
    if (both !== undefined) {
      await staged.close()
      throw taken(both.id)
    }
    const ending = new AbortController()
    running = { incident, staged, ending, ended: tickUntil(staged, ending.signal) }
  }

  const told = ({ name, title, summary, attempt, runbook }: Incident): SampleIncident => {
    const here = running?.incident.name === name ? running : null
    const systems = here === null ? [] : here.staged.systems.map(({ id }) => id)
    return { name, title, summary, attempt, runbook, systems, running: here !== null }
  }

  return {
    list: () => incidents.map(told),
    start: (name) =>
      inTurn(async () => {
        const incident = find(name)
        if (running?.incident !== incident) await begin(incident)
        return told(incident)
      }),
    stop: () =>
      inTurn(async () => {
        await end()
        return incidents.map(told)
      }),
    systems: () => running?.staged.systems ?? [],
    history: memory.over,
    close: () => inTurn(end),
  }
}

function find(name: SampleName): Incident {
  const found = incidents.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no incident is called ${name}`)
  return found
}

function taken(id: string): FailureError {
  return new FailureError({
    kind: 'refused',
    tried: 'Start the sample',
    on: id,
    because: 'one of your own systems has this id',
    remedy: 'Give that system another id in the settings.',
  })
}
