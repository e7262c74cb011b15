// Whether a service can have replicas, and the sentence why not.
import type { Can } from '../../core/ports/jobs.ts'
import type { Access } from './compose-access.ts'
import type { ComposeServices } from './compose-file.ts'
import type { Container } from './container.ts'

export function canScale(
  { cli, layout }: Access,
  containers: readonly Container[],
  service: string,
  known: ComposeServices | null,
): Can {
  const cannot = (because: string): Can => ({ can: false, because })
  if (cli === null) return cannot('Scaling needs the docker compose command, and this machine has none.')
  if (!layout.filesHere) return cannot('Scaling needs the compose files, and they are not on this machine.')
  if (known?.get(service)?.named === true || containers.some(isNamed))
    return cannot(`${service} has a fixed container_name, so there can be one container only.`)
  // Compose v2 tries to start it, is refused, and leaves what it created (seen with 2.26).
  const paused = containers.filter(({ inspect }) => inspect.State.Paused).map(({ name }) => name)
  if (paused.length > 0) return cannot(`${paused.join(', ')} is paused: start ${service} first.`)
  const port = fixedPort(containers)
  if (port === null) return { can: true }
  return cannot(`${service} publishes the fixed port ${port}, which only one container can have.`)
}

/** Compose ends its own names with the replica's number: `app_worker_1` (v1), `app-worker-1` (v2). */
function isNamed({ name, compose }: Container): boolean {
  return !name.endsWith(`-${compose.number}`) && !name.endsWith(`_${compose.number}`)
}

/** A binding without a port, with port 0 or with a range leaves the choice to the engine. */
function fixedPort(containers: readonly Container[]): string | null {
  for (const { inspect } of containers)
    for (const bindings of Object.values(inspect.HostConfig.PortBindings ?? {}) as ({ HostPort?: string }[] | null)[])
      for (const { HostPort = '' } of bindings ?? []) if (/^[1-9]\d*$/.test(HostPort)) return HostPort
  return null
}
