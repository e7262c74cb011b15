// The containers of one compose project, as the engine describes them.
import type Docker from 'dockerode'
import { FailureError } from '../../contract/failure.ts'
import { checkInspected, checkListed } from './answer-shapes.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-failure.ts'
import { type ComposeLabels, composeLabels, ofProject } from './labels.ts'

const AT_ONCE = 8

export interface Container {
  readonly id: string
  readonly name: string
  readonly compose: ComposeLabels
  readonly inspect: Docker.ContainerInspectInfo
}

/** Every container of the project, running or not, in the order of service and number. */
export async function readContainers(
  engine: Engine,
  project: string,
  signal: AbortSignal,
): Promise<readonly Container[]> {
  return engine.ask({ tried: 'List the services', signal }, async (docker, abortSignal) => {
    const listed = checkListed(await docker.listContainers({ all: true, filters: ofProject(project), abortSignal }))
    const containers: Container[] = []
    for (let i = 0; i < listed.length; i += AT_ONCE)
      for (const one of await Promise.all(
        listed.slice(i, i + AT_ONCE).map(({ Id }) => inspect(docker, Id, abortSignal)),
      ))
        if (one !== null) containers.push(one)
    return containers.sort(byServiceAndNumber)
  })
}

/** null when it went away meanwhile, or is no service's container. */
export async function inspect(docker: Docker, id: string, abortSignal: AbortSignal): Promise<Container | null> {
  try {
    const info = checkInspected(await docker.getContainer(id).inspect({ abortSignal }))
    const compose = composeLabels(info.Config.Labels)
    return compose === null ? null : { id: info.Id, name: info.Name.replace(/^\//, ''), compose, inspect: info }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** compose's and the engine's own, where nobody set one. */
const GRACE_MS = 10_000

/** What the engine waits for it to end by itself before it is killed; of several stopped together the longest. */
export function graceMs(...inspected: readonly Docker.ContainerInspectInfo[]): number {
  const each = inspected.map(({ Config }) => {
    const seconds = 'StopTimeout' in Config && Config.StopTimeout !== null ? Number(Config.StopTimeout) : Number.NaN
    return seconds >= 0 ? seconds * 1000 : GRACE_MS
  })
  return Math.max(0, ...each)
}

function byServiceAndNumber(a: Container, b: Container): number {
  if (a.compose.service !== b.compose.service) return a.compose.service < b.compose.service ? -1 : 1
  return a.compose.number - b.compose.number || (a.name < b.name ? -1 : 1)
}

/** The containers of one service. @throws missing, naming the services that exist. */
export function ofService(containers: readonly Container[], service: string, tried: string): readonly Container[] {
  const found = containers.filter(({ compose }) => compose.service === service)
  if (found.length > 0) return found
  const names = [...new Set(containers.map(({ compose }) => compose.service))]
  throw new FailureError({
    kind: 'missing',
    tried,
    on: service,
    because: 'no container of that service exists',
    remedy:
      names.length === 0 ? 'The stack is not up: docker compose up -d.' : `These services exist: ${names.join(', ')}.`,
  })
}
