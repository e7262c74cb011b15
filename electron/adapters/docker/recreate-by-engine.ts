// Recreate without the compose command: beside, out, in, verify, and back where it does not stay up (practice guide §4.5, way B).
import { randomUUID } from 'node:crypto'
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import type { Recreated } from '../../core/ports/stack.ts'
import type { Container } from './container.ts'
import { notRecreatable } from './create-body.ts'
import type { Engine } from './engine.ts'
import { tailOf } from './logs.ts'
import type { Journal, Operation, Swap } from './recreate-journal.ts'
import { createBeside, inspectOrNull, newName, oldName, putBack, removeContainer, swapIn } from './swap-container.ts'
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
  readonly wanted: readonly { readonly container: Container; readonly env: readonly string[] }[]
  readonly notes: readonly string[]
}

/** Either every wanted container is replaced by one that stays up, or all the old ones are back. */
export async function recreateByEngine(options: EngineRecreate, signal: AbortSignal): Promise<Recreated> {
  const { engine, journal, project } = options
  await refuseUnfit(options, signal)
  const { url } = (await engine.facts(signal)).endpoint
  const operation: Operation = { id: randomUUID(), project, engine: url, decided: false, swaps: [] }
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
    for (const { container, env } of wanted) {
      const swap = swapOf(container)
      swaps.push(swap)
      await write()
      const newId = await createBeside(engine, container.inspect, env, signal)
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
  const left = await finish(engine, journal, { ...operation, swaps }).then(
    () => [],
    (error: unknown) => [`An old container is still to be removed: ${sentence(toFailure(error, 'Remove it'))}`],
  )
  return { ok: true, way: 'engine', notes: [...notes, STALE_HASH, ...left] }

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
    try {
      for (const swap of swaps.toReversed()) await putBack(engine, swap, until)
    } catch (error) {
      const why = sentence(toFailure(error, 'Put the old container back'))
      return failed(
        `; the old container could not be put back yet, which is tried again when Unjam starts (${why})`,
        false,
      )
    }
    journal.remove(operation.id)
    return failed('', true)
  }
}

const STALE_HASH =
  'The next docker compose up recreates these containers once more: their label still names the old settings.'

function swapOf({ inspect, name, compose }: Container): Swap {
  const { Name = '', MaximumRetryCount = 0 } = inspect.HostConfig.RestartPolicy ?? {}
  return {
    service: compose.service,
    name,
    oldId: inspect.Id,
    newId: null,
    policy: { Name: Name === '' ? 'no' : Name, MaximumRetryCount },
    wasRunning: inspect.State.Running,
  }
}

/** Before anything is written: what cannot be made again, and names that are taken. */
async function refuseUnfit({ engine, containers, wanted }: EngineRecreate, signal: AbortSignal): Promise<void> {
  const all = containers.map(({ inspect }) => inspect)
  for (const { container } of wanted) {
    const taken = []
    for (const name of [newName(container.name), oldName(container.name)])
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

/** Decided: forward only. What cannot be removed now is removed at the next start. */
async function finish(engine: Engine, journal: Journal, { id, swaps }: Operation): Promise<void> {
  const until = AbortSignal.timeout(BACK_MS)
  for (const { oldId } of swaps) {
    const old = await inspectOrNull(engine, oldId, until)
    if (old !== null) await removeContainer(engine, old, until)
  }
  journal.remove(id)
}

/** Repairs what a crash left: verified swaps go forward, all others back. One sentence for each container. */
export async function recoverSwaps(
  engine: Engine,
  journal: Journal,
  project: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { url } = (await engine.facts(signal)).endpoint
  const { operations, unreadable } = journal.list(project, url)
  const told = unreadable.map(
    (file) => `${file} cannot be read, so an interrupted recreate may be unfinished: look for containers called …_old.`,
  )
  for (const operation of operations.filter(({ id }) => !journal.active.has(id))) {
    const { swaps, decided, id } = operation
    if (decided) await finish(engine, journal, operation)
    else {
      for (const swap of swaps.toReversed()) await putBack(engine, swap, signal)
      journal.remove(id)
    }
    for (const { name } of swaps)
      told.push(
        decided
          ? `${name}: its replacement had been verified before Unjam ended; the old container was removed.`
          : `${name}: its replacement was interrupted; the old container is back as it was.`,
      )
  }
  return told
}
