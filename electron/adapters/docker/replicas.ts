// Which containers count as the replicas of a service, and which an unfinished replacement left beside them.
import type { Container } from './container.ts'

export interface Leftover {
  readonly container: Container
  /** The replica that it stands beside: same service, same number. */
  readonly beside: Container
  /** Its name is one that compose gives a container for the time of a replacement, and no person does. */
  readonly ofCompose: boolean
}

export interface Replicas {
  readonly replicas: readonly Container[]
  readonly leftovers: readonly Leftover[]
}

/**
 * One container for each service and number: the one that runs, else the one under the proper name. Compose v1 renames
 * the old container to `<its id>_<name>`, v2 creates the new one as `<id of the old>_<name>` (docker/compose
 * reconcile.go); a replacement through the engine uses `<name>_old` and `<name>_new`.
 */
export function splitReplicas(containers: readonly Container[]): Replicas {
  const groups = Map.groupBy(containers, ({ compose }) => `${compose.service} ${compose.number}`)
  const replicas = new Set<Container>()
  const leftovers: Leftover[] = []
  for (const group of groups.values()) {
    const [first] = group
    const proper = group.filter((one) => !group.some((other) => isTemporary(one, other)))
    const running = group.filter(({ inspect }) => inspect.State.Running)
    const [only] = running
    const chosen = running.length === 1 && only !== undefined ? [only] : proper
    for (const one of chosen.length > 0 || first === undefined ? chosen : [oldest(group, first)]) replicas.add(one)
    for (const one of group) {
      const beside = group.find((other) => replicas.has(other) && (isTemporary(one, other) || isTemporary(other, one)))
      if (replicas.has(one)) continue
      if (beside === undefined) replicas.add(one)
      else leftovers.push({ container: one, beside, ofCompose: isComposeTemporary(one, beside) })
    }
  }
  return { replicas: containers.filter((one) => replicas.has(one)), leftovers }
}

function oldest(group: readonly Container[], first: Container): Container {
  return group.reduce((old, one) => (one.inspect.Created < old.inspect.Created ? one : old), first)
}

function isTemporary(one: Container, other: Container): boolean {
  if (isComposeTemporary(one, other) || one.name === `${other.name}_old` || one.name === `${other.name}_new`)
    return true
  // Between the two renames of a swap there is no container of the proper name.
  const base = (name: string) => name.replace(/_(old|new)$/, '')
  return one !== other && one.name !== base(one.name) && base(one.name) === base(other.name)
}

function isComposeTemporary(one: Container, other: Container): boolean {
  if (one === other) return false
  const [, id = '', name = ''] = /^([0-9a-f]{12})_(.+)$/.exec(one.name) ?? []
  // Of v1 `app_worker_1`, of v2 `app-worker-1`; one may replace the other.
  const alike = name.replaceAll('_', '-') === other.name.replaceAll('_', '-')
  return alike && (one.id.startsWith(id) || other.id.startsWith(id))
}

/** `<id>_name` of an interrupted replacement → `name`: what the container is to be called. */
export function properName({ name, inspect }: Pick<Container, 'name' | 'inspect'>): string {
  const [, id = '', proper = ''] = /^([0-9a-f]{12})_(.+)$/.exec(name) ?? []
  const replaced = inspect.Config.Labels?.['com.docker.compose.replace'] ?? ''
  return id !== '' && (inspect.Id.startsWith(id) || replaced.startsWith(id)) ? proper : name
}
