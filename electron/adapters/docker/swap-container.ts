// The steps of one swap at the engine, and its way back: every step may be done already when it is asked for.
import type Docker from 'dockerode'
import { FailureError } from '../../contract/failure.ts'
import { graceMs } from './container.ts'
import { createBody } from './create-body.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-failure.ts'
import type { Swap } from './recreate-journal.ts'

type Inspect = Docker.ContainerInspectInfo
const STOP_MARGIN_MS = 60_000

export const newName = (name: string) => `${name}_new`
export const oldName = (name: string) => `${name}_old`

export async function inspectOrNull(engine: Engine, id: string, signal: AbortSignal): Promise<Inspect | null> {
  try {
    return await engine.ask({ tried: `Look at ${id.slice(0, 60)}`, signal }, (docker, abortSignal) =>
      docker.getContainer(id).inspect({ abortSignal }),
    )
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Creates `<name>_new` beside the old one, which goes on running: a wrong setting costs no downtime here. */
export async function createBeside(
  engine: Engine,
  old: Inspect,
  env: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const name = old.Name.replace(/^\//, '')
  const { apiVersion } = await engine.facts(signal)
  return engine.ask({ tried: `Create ${newName(name)}`, signal, ms: 60_000 }, async (docker, abortSignal) => {
    const { body, later } = createBody(old, await imageOf(docker, old), env, apiVersion)
    const { id } = await docker.createContainer({ ...body, name: newName(name), abortSignal })
    for (const { network, endpoint } of later)
      await docker.getNetwork(network).connect({ Container: id, EndpointConfig: endpoint })
    return id
  })
}

/** The tag while it still means what the old container runs; somebody may have built another image since. */
async function imageOf(docker: Docker, old: Inspect): Promise<string> {
  try {
    const image = await docker.getImage(old.Config.Image).inspect()
    return image.Id === old.Image ? old.Config.Image : old.Image
  } catch (error) {
    if (isMissing(error)) return old.Image
    throw error
  }
}

/** Old out, new in. The policy first: else a restart of the daemon would start both. */
export async function swapIn(
  engine: Engine,
  { name, oldId, newId, wasRunning }: Swap & { newId: string },
  old: Inspect,
  signal: AbortSignal,
): Promise<void> {
  await engine.ask({ tried: `Take ${name} out`, signal, ms: stopMs(old) }, async (docker, abortSignal) => {
    const container = docker.getContainer(oldId)
    await container.update({ RestartPolicy: { Name: 'no' }, abortSignal })
    await stop(container, abortSignal)
    await container.rename({ name: oldName(name), abortSignal })
  })
  await engine.ask({ tried: `Start the new ${name}`, signal, ms: 60_000 }, async (docker, abortSignal) => {
    const container = docker.getContainer(newId)
    await container.rename({ name, abortSignal })
    if (wasRunning) await container.start({ abortSignal })
  })
}

/** The new container away, the old one back under its name, with its policy, running if it ran. */
export async function putBack(engine: Engine, swap: Swap, signal: AbortSignal): Promise<void> {
  const { name, oldId, policy, wasRunning } = swap
  const fresh = await inspectOrNull(engine, swap.newId ?? newName(name), signal)
  if (fresh !== null && fresh.Id !== oldId) await removeContainer(engine, fresh, signal)
  const old = await inspectOrNull(engine, oldId, signal)
  if (old === null)
    throw new FailureError({
      kind: 'missing',
      tried: `Put ${name} back`,
      on: name,
      because: 'somebody has removed the old container meanwhile',
      remedy: `Create it again: docker compose up -d ${swap.service}.`,
    })
  await engine.ask({ tried: `Put ${name} back`, signal, ms: 60_000 }, async (docker, abortSignal) => {
    const container = docker.getContainer(oldId)
    if (old.Name !== `/${name}`) await container.rename({ name, abortSignal })
    await container.update({ RestartPolicy: policy, abortSignal })
    if (wasRunning && !old.State.Running) await container.start({ abortSignal })
  })
}

/** Stopped with its grace period, then removed; volumes stay, the other container uses them. */
export async function removeContainer(engine: Engine, one: Inspect, signal: AbortSignal): Promise<void> {
  await engine.ask(
    { tried: `Remove ${one.Name.replace(/^\//, '')}`, signal, ms: stopMs(one) },
    async (docker, abortSignal) => {
      const container = docker.getContainer(one.Id)
      try {
        if (one.State.Running || one.State.Restarting) await stop(container, abortSignal)
        await container.remove({ force: true, v: false, abortSignal })
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    },
  )
}

/** The container's own grace period applies. 304 is "it is stopped already", which dockerode calls an error. */
async function stop(container: Docker.Container, abortSignal: AbortSignal): Promise<void> {
  try {
    await container.stop({ abortSignal })
  } catch (error) {
    if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 304)) throw error
  }
}

function stopMs(one: Inspect): number {
  return graceMs(one) + STOP_MARGIN_MS
}
