// Repair of replacements that a crash or a lost engine interrupted: each independently, never one that is in progress.
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import { stillRuns } from './compose-child.ts'
import { type Container, readContainers } from './container.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-failure.ts'
import { removeLeftovers } from './leftovers.ts'
import { type Journal, type Operation, scopeOf } from './recreate-journal.ts'
import { repairSwap } from './repair-swap.ts'

export interface RecoveryOptions {
  readonly engine: Engine
  readonly journal: Journal
  /** Beside the grace period of a container: without any change for so long, nobody is replacing it. */
  readonly quietMs: number
  project(signal: AbortSignal): Promise<string>
  /** What a repair before a change did; one sentence each. */
  onNotice(sentence: string): void
}

export interface Recovery {
  /** Cheap where there is nothing to repair. One sentence for each repair, and once for each that was not possible. */
  run(signal: AbortSignal): Promise<readonly string[]>
  /** What is unfinished in this project, one sentence each. */
  pending(): readonly string[]
  /** Repairs what is unfinished, then runs a change of these services; no repair touches them meanwhile. */
  change<T>(services: readonly string[], signal: AbortSignal, work: (earlier: Earlier) => Promise<T>): Promise<T>
}

/** What the journal said of the services when their change began. */
export interface Earlier {
  /** Whether it ran before a replacement that was interrupted, or did not come up. */
  ran(container: Container): boolean
  /** The change has succeeded: that is of no interest any more. */
  forget(): Promise<void>
}

interface Report {
  readonly done: readonly string[]
  /** What could not be repaired now. */
  readonly troubles: readonly string[]
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { engine, journal, onNotice } = options
  let scope = ''
  let known: readonly string[] = []

  async function where(signal: AbortSignal): Promise<{ project: string; url: string }> {
    const project = await options.project(signal)
    const { url } = (await engine.facts(signal)).endpoint
    scope = scopeOf({ project, engine: url })
    return { project, url }
  }

  async function run(signal: AbortSignal): Promise<string[]> {
    const here = await where(signal).catch((error: unknown) => {
      // No project is named, and the engine has none: nothing is left to repair.
      if (isMissing(error)) return null
      throw error
    })
    if (here === null) return []
    const { done, troubles } = await inTurn(journal, scopeOf({ ...here, engine: here.url }), () =>
      recoverProject(options, here.project, here.url, signal),
    )
    const fresh = troubles.filter((one) => !known.includes(one))
    known = troubles
    return [...done, ...fresh]
  }

  return {
    run,
    pending: () => [...journal.pending.values()].flatMap((one) => (one.scope === scope ? [one.sentence] : [])),
    async change(services, signal, work) {
      const { project, url } = await where(signal)
      const before = journal
        .list(project, url)
        .operations.filter(
          ({ id, swaps }) => !journal.active.has(id) && swaps.some(({ service }) => services.includes(service)),
        )
      if (before.some(({ settled }) => !settled)) for (const notice of await run(signal)) onNotice(notice)
      refuseBusy(before, services)
      const change = { scope: scopeOf({ project, engine: url }), services }
      while (journal.repairs.has(change.scope)) await journal.repairs.get(change.scope)
      journal.changes.add(change)
      try {
        return await work(earlierOf(journal, before, services))
      } finally {
        journal.changes.delete(change)
      }
    },
  }
}

/** One repair of a project after the other: the second finds what the first has done. */
async function inTurn<T>(journal: Journal, scope: string, work: () => Promise<T>): Promise<T> {
  const mine = (journal.repairs.get(scope) ?? Promise.resolve()).then(work)
  const over = mine.then(
    () => undefined,
    () => undefined,
  )
  journal.repairs.set(scope, over)
  try {
    return await mine
  } finally {
    if (journal.repairs.get(scope) === over) journal.repairs.delete(scope)
  }
}

/** Two compose commands on one service would take each other's containers. */
function refuseBusy(operations: readonly Operation[], services: readonly string[]): void {
  const child = operations.map(runningChild).find((one) => one !== null)
  if (child == null) return
  throw new FailureError({
    kind: 'busy',
    tried: 'Change the service',
    on: services.join(', '),
    because: `docker compose (process ${child.pid}) is still replacing its containers`,
    remedy: 'Try again when it has finished.',
  })
}

/** The compose command of an earlier Unjam process, while it runs. */
function runningChild({ child }: Operation): Operation['child'] {
  return child !== null && Date.now() < child.untilMs && stillRuns(child) ? child : null
}

function earlierOf(journal: Journal, operations: readonly Operation[], services: readonly string[]): Earlier {
  return {
    ran: ({ compose: { service, number } }) =>
      operations.some(({ swaps }) =>
        swaps.some((swap) => swap.wasRunning && swap.service === service && swap.number === number),
      ),
    async forget() {
      for (const operation of operations.filter(({ settled }) => settled)) {
        const swaps = operation.swaps.filter(({ service }) => !services.includes(service))
        if (swaps.length === 0) journal.remove(operation.id)
        else await journal.write({ ...operation, swaps })
      }
    },
  }
}

async function recoverProject(
  { engine, journal, quietMs }: RecoveryOptions,
  project: string,
  url: string,
  signal: AbortSignal,
): Promise<Report> {
  const scope = scopeOf({ project, engine: url })
  const { operations, unreadable } = journal.list(project, url)
  const changing = [...journal.changes].flatMap((one) => (one.scope === scope ? one.services : []))
  const open = operations.filter(({ settled }) => !settled)
  const isFree = ({ id, swaps }: Operation) =>
    !journal.active.has(id) && !swaps.some(({ service }) => changing.includes(service))
  const done: string[] = []
  const troubles = unreadable.map(
    (file) =>
      `${file} cannot be read, so a replacement of containers may be unfinished: check for containers named …_old or …_new.`,
  )
  for (const operation of open.filter(isFree)) {
    const report = await repairOperation(engine, journal, operation, signal)
    done.push(...report.done)
    troubles.push(...report.troubles)
  }
  const unfinished = open.filter((one) => !isFree(one) || journal.pending.has(one.id))
  const busy = new Set([...changing, ...unfinished.flatMap(({ swaps }) => swaps.map(({ service }) => service))])
  const left = await removeLeftovers(engine, project, { quietMs, busy }, signal)
  return { done: [...done, ...left.done], troubles: [...troubles, ...left.troubles] }
}

/** Swaps that fail are named and stay in the journal with their operation; the others are repaired all the same. */
export async function repairOperation(
  engine: Engine,
  journal: Journal,
  operation: Operation,
  signal: AbortSignal,
): Promise<Report> {
  const { id, swaps, project } = operation
  const scope = scopeOf(operation)
  const names = [...new Set(swaps.map(({ name }) => name))].join(', ')
  const child = runningChild(operation)
  if (child !== null) {
    const busy = `${names}: docker compose (process ${child.pid}) is still replacing containers. Retrying automatically.`
    journal.pending.set(id, { scope, sentence: busy })
    return { done: [], troubles: [busy] }
  }
  const done: string[] = []
  const troubles: string[] = []
  for (const swap of swaps.toReversed())
    try {
      const repaired = await repairSwap(engine, operation, swap, await readContainers(engine, project, signal), signal)
      if (repaired !== null) done.push(repaired)
    } catch (error) {
      const failure = toFailure(error, 'Repair an interrupted replacement')
      troubles.push(
        `${swap.name}: its replacement was interrupted and could not be repaired. ${sentence(failure)} Retrying automatically.`,
      )
    }
  try {
    if (troubles.length === 0) journal.remove(id)
  } catch (error) {
    troubles.push(sentence(toFailure(error, `Remove the journal of ${names}`)))
  }
  if (troubles.length > 0) journal.pending.set(id, { scope, sentence: troubles.join(' ') })
  return { done, troubles }
}
