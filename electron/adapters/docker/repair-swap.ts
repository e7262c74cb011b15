// Repair of one interrupted replacement: back to the old container where there is one, else forward to the new one.
import type Docker from 'dockerode'
import { FailureError } from '../../contract/failure.ts'
import type { Container } from './container.ts'
import type { Engine } from './engine.ts'
import type { Operation, Swap } from './recreate-journal.ts'
import { properName } from './replicas.ts'
import { inspectOrNull, newName, removeContainer, restore } from './swap-container.ts'

type Inspect = Docker.ContainerInspectInfo

/** What is left of a swap at the engine; only containers with the labels of its project, service and number. */
export interface Remains {
  readonly old: Container | null
  /** Its replacements, the one under the proper name first. */
  readonly fresh: readonly Container[]
  /** Others that do the same work by now. */
  readonly others: readonly Container[]
}

export function remainsOf(operation: Operation, swap: Swap, containers: readonly Container[]): Remains {
  const { way, known } = operation
  const { service, number, name } = swap
  const theirs = containers.filter(
    ({ compose }) => compose.service === service && (number === null || compose.number === number),
  )
  const isFresh = (one: Container) =>
    way === 'compose' ? !known.includes(one.id) : one.id === swap.newId || one.name === newName(name)
  const rest = theirs.filter(({ id }) => id !== swap.oldId)
  return {
    old: theirs.find(({ id }) => id === swap.oldId) ?? null,
    fresh: rest
      .filter(isFresh)
      .sort((a, b) => Number(isInPlace(b, operation, swap)) - Number(isInPlace(a, operation, swap))),
    others: rest.filter((one) => !isFresh(one)),
  }
}

/** Every step may be done already. null: there was nothing to repair; else what was done, as a sentence. */
export async function repairSwap(
  engine: Engine,
  operation: Operation,
  swap: Swap,
  containers: readonly Container[],
  signal: AbortSignal,
): Promise<string | null> {
  await refuseForeign(engine, operation, swap, containers, signal)
  const { old, fresh, others } = remainsOf(operation, swap, containers)
  const [replacement, ...more] = fresh
  if (operation.decided) {
    if (old !== null) await removeContainer(engine, old.inspect, signal)
    return `${swap.name}: its replacement was verified before Unjam exited; the old container was removed.`
  }
  if (old === null) return withoutOld(engine, operation, swap, { replacement, more, others }, signal)
  // Compose v1 removes the old one last of all, when the new one runs.
  if (operation.way === 'compose' && replacement !== undefined && stands(replacement, operation, swap)) {
    await removeContainer(engine, old.inspect, signal)
    return `${swap.name}: its replacement was interrupted after the new container started; the old container was removed.`
  }
  for (const one of fresh) await removeContainer(engine, one.inspect, signal)
  await restore(engine, old.inspect, { ...swap, running: swap.wasRunning }, signal)
  return `${swap.name}: its replacement was interrupted; the old container is back as it was.`
}

async function withoutOld(
  engine: Engine,
  operation: Operation,
  swap: Swap,
  left: { replacement: Container | undefined; more: readonly Container[]; others: readonly Container[] },
  signal: AbortSignal,
): Promise<string | null> {
  const { name, service, wasRunning } = swap
  const { replacement, more, others } = left
  if (replacement === undefined) {
    if (others.length > 0) return null
    return `${name}: its replacement was interrupted, and its containers were removed since. Create it with docker compose up -d ${service}.`
  }
  for (const one of more) if (!one.inspect.State.Running) await removeContainer(engine, one.inspect, signal)
  const complete = isInPlace(replacement, operation, swap) && (replacement.inspect.State.Running || !wasRunning)
  if (complete) return null
  const to = { name: nameOf(replacement, operation, swap), policy: null, running: wasRunning }
  await restore(engine, replacement.inspect, to, signal)
  const because =
    operation.way === 'compose' ? 'after the old container was removed' : 'and the old container was removed since'
  return `${name}: its replacement was interrupted ${because}; the new container is in its place.`
}

function stands(one: Container, operation: Operation, swap: Swap): boolean {
  return isInPlace(one, operation, swap) && one.inspect.State.Running && !one.inspect.State.Restarting
}

/** Compose v2 names the replacement of a container of v1 in its own way: `app-worker-1` for `app_worker_1`. */
function nameOf(replacement: Container, { way }: Operation, { name }: Swap): string {
  return way === 'compose' ? properName(replacement) : name
}

function isInPlace(one: Container, operation: Operation, swap: Swap): boolean {
  return one.name === nameOf(one, operation, swap)
}

/** A damaged or copied journal may name any container: what has other labels is left alone. */
async function refuseForeign(
  engine: Engine,
  { project }: Operation,
  { name, oldId, newId, service }: Swap,
  containers: readonly Container[],
  signal: AbortSignal,
): Promise<void> {
  for (const id of [oldId, newId]) {
    const ours = containers.some((one) => one.id === id && one.compose.service === service)
    const other: Inspect | null = id === null || ours ? null : await inspectOrNull(engine, id, signal)
    if (other === null) continue
    throw new FailureError({
      kind: 'invalid',
      tried: 'Repair an interrupted replacement',
      on: name,
      because: `its journal names the container ${other.Name.replace(/^\//, '')}, which is not one of ${service} in ${project}`,
      remedy: 'Nothing was changed.',
    })
  }
}
