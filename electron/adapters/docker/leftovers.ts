// Containers that an interrupted `docker compose up` left beside a running replica: removed once no replacement can be in progress.
import * as z from 'zod'
import { sentence, toFailure } from '../../contract/failure.ts'
import { type Container, graceMs, inspect as inspectContainer } from './container.ts'
import type { Engine } from './engine.ts'
import { composeLabels, ofProject } from './labels.ts'
import { type Leftover, splitReplicas } from './replicas.ts'
import { removeContainer } from './swap-container.ts'

const Clock = z.looseObject({ SystemTime: z.iso.datetime({ offset: true }) })

export interface LeftoverOptions {
  /** Beside the grace period of a container. */
  readonly quietMs: number
  /** Services that are being changed, or whose repair is pending. */
  readonly busy: ReadonlySet<string>
}

/** One sentence for each that was removed, and for each that a person has to decide on; one list call where there are none. */
export async function removeLeftovers(
  engine: Engine,
  project: string,
  { quietMs, busy }: LeftoverOptions,
  signal: AbortSignal,
): Promise<{ done: readonly string[]; troubles: readonly string[] }> {
  const leftovers = splitReplicas(await doubled(engine, project, signal)).leftovers.filter(
    ({ ofCompose, beside }) => ofCompose && !busy.has(beside.compose.service),
  )
  if (leftovers.length === 0) return { done: [], troubles: [] }
  const now = await engineNow(engine, signal)
  const done: string[] = []
  const troubles: string[] = []
  for (const leftover of leftovers) {
    const { container, beside } = leftover
    const service = `${beside.compose.service} (${beside.name})`
    const quiet = quietMs + graceMs(container.inspect, beside.inspect)
    if (now - lastChange(leftover) < quiet) continue
    if (!beside.inspect.State.Running || container.name === beside.name || isTemporaryName(beside)) {
      troubles.push(
        `${service}: an interrupted docker compose up left ${container.name}. Run docker compose up -d ${beside.compose.service} to finish it.`,
      )
      continue
    }
    try {
      await removeContainer(engine, container.inspect, signal)
      done.push(`${service}: ${container.name}, left by an interrupted docker compose up, was removed.`)
    } catch (error) {
      troubles.push(`${service}: ${sentence(toFailure(error, `Remove ${container.name}`))}`)
    }
  }
  return { done, troubles }
}

/** Containers of services that have several of one number. */
async function doubled(engine: Engine, project: string, signal: AbortSignal): Promise<Container[]> {
  return engine.ask({ tried: 'Find leftover containers', signal }, async (docker, abortSignal) => {
    const listed = await docker.listContainers({ all: true, filters: ofProject(project), abortSignal })
    const groups = Map.groupBy(listed, ({ Labels }) => {
      const labels = composeLabels(Labels)
      return labels === null ? '' : `${labels.service} ${labels.number}`
    })
    const found: Container[] = []
    for (const [key, group] of groups)
      if (key !== '' && group.length > 1)
        for (const { Id } of group) {
          const one = await inspectContainer(docker, Id, abortSignal)
          if (one !== null) found.push(one)
        }
    return found
  })
}

/** The engine's own clock: its containers' times are compared with it. */
async function engineNow(engine: Engine, signal: AbortSignal): Promise<number> {
  const answer: unknown = await engine.ask({ tried: 'Read the engine clock', signal }, (docker) => docker.info())
  const { data } = Clock.safeParse(answer)
  // Without the engine's clock it cannot be proven that nothing is in progress.
  return data === undefined ? Number.NEGATIVE_INFINITY : Date.parse(data.SystemTime)
}

function lastChange({ container, beside }: Leftover): number {
  const times = [container, beside].flatMap(({ inspect: { Created, State } }) => [
    Date.parse(Created),
    Date.parse(State.StartedAt),
    Date.parse(State.FinishedAt),
  ])
  return Math.max(...times.filter((ms) => !Number.isNaN(ms)))
}

function isTemporaryName({ name }: Container): boolean {
  return /^[0-9a-f]{12}_/.test(name)
}
