// The steps of one swap at the engine, and its way back: every step may be done already when it is asked for.
import type Docker from 'dockerode'
import { type Container, graceMs } from './container.ts'
import { createBody } from './create-body.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-failure.ts'
import type { Swap } from './recreate-journal.ts'
import { properName } from './replicas.ts'

type Inspect = Docker.ContainerInspectInfo
type Identified = Pick<Container, 'inspect' | 'name' | 'compose'>
const STOP_MARGIN_MS = 60_000

export const newName = (name: string) => `${name}_new`
export const oldName = (name: string) => `${name}_old`

/** As it is before the replacement. */
export function swapOf({ inspect, name, compose }: Identified): Swap {
  const { Name = '', MaximumRetryCount = 0 } = inspect.HostConfig.RestartPolicy ?? {}
  return {
    service: compose.service,
    number: compose.number,
    // The name that it is to have, should an earlier replacement have been interrupted.
    name: properName({ name, inspect }),
    oldId: inspect.Id,
    newId: null,
    policy: { Name: Name === '' ? 'no' : Name, MaximumRetryCount },
    wasRunning: inspect.State.Running,
  }
}

/** What a receipt says of containers that were not started. */
export function stopped(swaps: readonly Swap[]): string[] {
  return swaps.flatMap(({ wasRunning, name }) =>
    wasRunning ? [] : [`${name} was stopped and stays stopped; its next start has the new values.`],
  )
}

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
  name: string,
  old: Inspect,
  env: readonly string[],
  signal: AbortSignal,
): Promise<string> {
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

/** A proper name, the restart policy and, where asked for, running: each only where it is not so already. */
export async function restore(
  engine: Engine,
  one: Inspect,
  to: { readonly name: string; readonly policy: Swap['policy'] | null; readonly running: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { name, policy, running } = to
  await engine.ask({ tried: `Put ${name} back`, signal, ms: 60_000 }, async (docker, abortSignal) => {
    const container = docker.getContainer(one.Id)
    if (one.Name !== `/${name}`) await container.rename({ name, abortSignal })
    if (policy !== null) await container.update({ RestartPolicy: policy, abortSignal })
    if (running && !one.State.Running) await container.start({ abortSignal })
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
