// Recreate without the compose command: beside, out, in, verify, and back where it does not stay up (practice guide §4.5, way B).
import { randomUUID } from 'node:crypto'
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import type { Recreated } from '../../core/ports/stack.ts'
import type { Container } from './container.ts'
import { notRecreatable } from './create-body.ts'
import type { Engine } from './engine.ts'
import { tailOf } from './logs.ts'
import { repairOperation } from './recover.ts'
import type { Journal, Operation, Swap } from './recreate-journal.ts'
import { createBeside, inspectOrNull, newName, oldName, stopped, swapIn, swapOf } from './swap-container.ts'
import { type Patience, staysUp } from './verify.ts'

/** The way back has its own time: whoever cut the way forward short still wants the old containers. */
const BACK_MS = 5 * 60_000
const LOG_LINES = 200

export interface EngineRecreate extends Patience {
  readonly engine: Engine
  readonly journal: Journal
  readonly project: string
  /** All of the project: neighbours that share a namespace are looked for among them. */
  readonly containers: readonly Container[]
  readonly wanted: readonly {
    readonly container: Container
    readonly env: readonly string[]
    /** Whether it is to run afterwards; a stopped container stays stopped. */
    readonly runs: boolean
  }[]
  readonly notes: readonly string[]
}

/** Either every wanted container is replaced by one that stays up, or all the old ones are back. */
export async function recreateByEngine(options: EngineRecreate, signal: AbortSignal): Promise<Recreated> {
  const { engine, journal, project } = options
  await refuseUnfit(options, signal)
  const { url } = (await engine.facts(signal)).endpoint
  const operation: Operation = {
    ...{ id: randomUUID(), project, engine: url, way: 'engine', decided: false, swaps: [] },
    ...{ settled: false, known: [], child: null },
  }
  journal.active.add(operation.id)
  try {
    return await swapAll(options, operation, signal)
  } finally {
    journal.active.delete(operation.id)
  }
}

async function swapAll(options: EngineRecreate, operation: Operation, signal: AbortSignal): Promise<Recreated> {
  const { engine, journal, wanted, notes } = options
  const swaps: Swap[] = []
  const write = (decided = false) => journal.write({ ...operation, decided, swaps })
  try {
    for (const { container, env, runs } of wanted) {
      const swap = { ...swapOf(container), wasRunning: runs }
      swaps.push(swap)
      await write()
      const newId = await createBeside(engine, swap.name, container.inspect, env, signal)
      const begun = { ...swap, newId }
      swaps[swaps.length - 1] = begun
      await write()
      await swapIn(engine, begun, container.inspect, signal)
      const trouble = swap.wasRunning ? await staysUp(engine, newId, options, signal) : null
      if (trouble !== null) return await back(trouble, newId)
    }
    await write(true)
  } catch (error) {
    return await back(
      sentence(toFailure(error, 'Recreate the container')).replace(/\.$/, ''),
      swaps.at(-1)?.newId ?? null,
    )
  }
  const until = AbortSignal.timeout(BACK_MS)
  const { troubles } = await repairOperation(engine, journal, { ...operation, decided: true, swaps }, until)
  const left = troubles.map((trouble) => `An old container is still to be removed: ${trouble}`)
  return { ok: true, way: 'engine', notes: [...notes, ...stopped(swaps), STALE_HASH, ...left] }

  async function back(because: string, failing: string | null): Promise<Recreated> {
    const until = AbortSignal.timeout(BACK_MS)
    const name = swaps.find(({ newId }) => newId === failing)?.name ?? swaps.at(-1)?.name ?? options.project
    const log = failing === null ? [] : await tailOf(engine, failing, LOG_LINES, until).catch(() => [])
    const failed = (more: string, rolledBack: boolean): Recreated => ({
      ok: false,
      way: 'engine',
      because: `${name}: ${because}${more}`,
      log,
      rolledBack,
    })
    const { troubles } = await repairOperation(engine, journal, { ...operation, swaps }, until)
    if (troubles.length > 0) return failed(`; ${troubles.join(' ')}`.replace(/\.$/, ''), false)
    return failed('', await allThere(engine, swaps, until))
  }
}

async function allThere(engine: Engine, swaps: readonly Swap[], signal: AbortSignal): Promise<boolean> {
  for (const { oldId } of swaps) if ((await inspectOrNull(engine, oldId, signal)) === null) return false
  return true
}

const STALE_HASH =
  'The next docker compose up recreates these containers once more: their label still names the old settings.'

/** Before anything is written: what cannot be made again, and names that are taken. */
async function refuseUnfit({ engine, containers, wanted }: EngineRecreate, signal: AbortSignal): Promise<void> {
  const all = containers.map(({ inspect }) => inspect)
  for (const { container } of wanted) {
    const taken = []
    const { name: proper } = swapOf(container)
    for (const name of [newName(proper), oldName(proper)])
      if ((await inspectOrNull(engine, name, signal)) !== null) taken.push(name)
    const because =
      notRecreatable(container.inspect, all) ??
      (taken.length === 0 ? null : `a container called ${taken.join(' and one called ')} exists already`)
    if (because === null) continue
    throw new FailureError({
      kind: 'refused',
      tried: 'Recreate the container',
      on: container.name,
      because,
      remedy:
        taken.length === 0
          ? `Install Docker Compose on this machine, or run docker compose up -d ${container.compose.service} where it is.`
          : `Look what it is, and remove it: docker rm ${taken.join(' ')}.`,
    })
  }
}
