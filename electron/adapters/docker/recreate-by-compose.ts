// Recreate through the compose command (practice guide §4.5, way A): it applies every file, and knows no way back.
import { randomUUID } from 'node:crypto'
import { sentence, toFailure } from '../../contract/failure.ts'
import type { Recreated } from '../../core/ports/stack.ts'
import { type ComposeCli, complaint, compose, upArguments } from './compose-cli.ts'
import { type Container, graceMs, readContainers } from './container.ts'
import type { Engine } from './engine.ts'
import type { Layout } from './layout.ts'
import { tailOf } from './logs.ts'
import { repairOperation } from './recover.ts'
import type { Journal, Operation } from './recreate-journal.ts'
import { splitReplicas } from './replicas.ts'
import { restore, stopped, swapOf } from './swap-container.ts'
import { type Patience, staysUp } from './verify.ts'

/** Beside the grace period of what it stops; whether the new one stays up is asked afterwards. */
const UP_MS = 5 * 60_000
/** The way back has its own time: the request that was cut short still wants a service that runs. */
const BACK_MS = 5 * 60_000
const LOG_LINES = 200

export interface ComposeRecreate extends Patience {
  readonly engine: Engine
  readonly journal: Journal
  readonly cli: ComposeCli
  readonly layout: Layout
  readonly env: Record<string, string>
  readonly services: readonly string[]
  /** Whether it is to run afterwards; a stopped service stays stopped. */
  runs(container: Container): boolean
}

export async function recreateByCompose(options: ComposeRecreate, signal: AbortSignal): Promise<Recreated> {
  const { engine, journal, layout, services, runs } = options
  const all = (await readContainers(engine, layout.project, signal)).filter(({ compose }) =>
    services.includes(compose.service),
  )
  const operation: Operation = {
    ...{ id: randomUUID(), project: layout.project, engine: (await engine.facts(signal)).endpoint.url, way: 'compose' },
    ...{ decided: false, settled: false, known: all.map(({ id }) => id), child: null },
    swaps: splitReplicas(all).replicas.map((one) => ({ ...swapOf(one), wasRunning: runs(one) })),
  }
  journal.active.add(operation.id)
  try {
    await journal.write(operation)
    return await replace(options, operation, all, signal)
  } finally {
    journal.active.delete(operation.id)
  }
}

async function replace(
  options: ComposeRecreate,
  operation: Operation,
  old: readonly Container[],
  signal: AbortSignal,
): Promise<Recreated> {
  const { engine, journal, layout, services } = options
  const known = new Set(operation.known)
  let complained: string | null
  try {
    complained = await up(options, operation, graceMs(...old.map(({ inspect }) => inspect)) + UP_MS, signal)
    if (complained === null) await startThoseThatRan(engine, operation, signal)
  } catch (error) {
    complained = sentence(toFailure(error, 'Recreate the containers')).replace(/\.$/, '')
  }
  if (complained !== null) return takeBack(complained)
  const fresh = (await ours(signal)).filter(({ id }) => !known.has(id))
  for (const container of fresh) {
    if (!ranBefore(operation, container)) continue
    const trouble = await staysUp(engine, container.id, options, signal)
    if (trouble === null) continue
    // It should run again with the old settings: the next recreate reads that from the journal.
    await journal.write({ ...operation, settled: true })
    return failed(`${container.name}: ${trouble}`, await logOf(container, signal), false)
  }
  journal.remove(operation.id)
  return { ok: true, way: 'compose', notes: [...unchanged(services, fresh), ...stopped(operation.swaps)] }

  async function ours(within: AbortSignal): Promise<Container[]> {
    return (await readContainers(engine, layout.project, within)).filter(({ compose }) =>
      services.includes(compose.service),
    )
  }

  async function logOf(container: Container | undefined, within: AbortSignal): Promise<string[]> {
    return container === undefined ? [] : tailOf(engine, container.id, LOG_LINES, within).catch(() => [])
  }

  /** Cut off or refused in between, compose may leave two containers, or none that runs. */
  async function takeBack(because: string): Promise<Recreated> {
    const until = AbortSignal.timeout(BACK_MS)
    try {
      const log = await logOf(
        (await ours(until)).find(({ id }) => !known.has(id)),
        until,
      )
      await repairOperation(engine, journal, operation, until)
      return failed(because, log, stillThere(old, await ours(until)))
    } catch (error) {
      return failed(`${because}; ${sentence(toFailure(error, 'Check what it left'))}`.replace(/\.$/, ''), [], false)
    }
  }

  function failed(because: string, log: readonly string[], rolledBack: boolean): Recreated {
    return { ok: false, way: 'compose', because, log, rolledBack }
  }
}

/** Services that run, then those with a container that is stopped: these are created only. null, or the complaint. */
async function up(
  { cli, layout, env, journal }: ComposeRecreate,
  operation: Operation,
  ms: number,
  signal: AbortSignal,
): Promise<string | null> {
  const groups = Map.groupBy(operation.swaps, ({ service }) => service)
  const counts = (start: boolean) =>
    new Map(
      [...groups].flatMap(([service, swaps]) =>
        swaps.every(({ wasRunning }) => wasRunning) === start ? [[service, swaps.length] as const] : [],
      ),
    )
  for (const start of [true, false]) {
    const replicas = counts(start)
    if (replicas.size === 0) continue
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    const untilMs = Date.now() + ms + UP_MS
    const ran = await compose(cli, layout, upArguments(cli, replicas, start), env, bounded, (child) =>
      journal.write({ ...operation, child: { ...child, untilMs } }),
    )
    if (ran.code !== 0) return complaint(ran)
  }
  return null
}

/** Of a service with stopped replicas, those that ran: created only until here. */
async function startThoseThatRan(engine: Engine, operation: Operation, signal: AbortSignal): Promise<void> {
  for (const { inspect, name, compose } of await readContainers(engine, operation.project, signal)) {
    const ran = ranBefore(operation, { compose })
    if (ran && !inspect.State.Running) await restore(engine, inspect, { name, policy: null, running: true }, signal)
  }
}

function ranBefore({ swaps }: Operation, { compose }: Pick<Container, 'compose'>): boolean {
  return swaps.some(
    ({ service, number, wasRunning }) => wasRunning && service === compose.service && number === compose.number,
  )
}

/** Compose gave up before it touched anything, or what it did was taken back. */
function stillThere(old: readonly Container[], now: readonly Container[]): boolean {
  const running = new Map(now.map(({ id, inspect }) => [id, inspect.State.Running]))
  return old.every(({ id, inspect }) => running.has(id) && (running.get(id) === true || !inspect.State.Running))
}

function unchanged(services: readonly string[], fresh: readonly Container[]): string[] {
  const made = new Set(fresh.map(({ compose }) => compose.service))
  return services
    .filter((service) => !made.has(service))
    .map((service) => `${service}: compose found nothing that changed, so its containers stayed.`)
}
