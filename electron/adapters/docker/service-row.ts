// One container of a service as a person sees it.
import type Docker from 'dockerode'
import type { Service } from '../../contract/service.ts'
import { type Container, graceMs } from './container.ts'
import type { Resolved } from './endpoint.ts'
import type { Usage } from './usage.ts'

/** @param exec what opens a shell: `docker` with its options, without the command. */
export function asService({ id, name, compose, inspect }: Container, usage: Usage | null, exec: string): Service {
  const { State, Config, HostConfig } = inspect
  const health = State.Health
  return {
    id: id.slice(0, 12),
    service: compose.service,
    container: name,
    number: compose.number,
    image: Config.Image,
    state: stateOf(State.Status),
    health: healthOf(health?.Status),
    healthOutput: health?.Log?.at(-1)?.Output?.trim().slice(0, 500) || null,
    restarts: inspect.RestartCount,
    exitCode: State.Running ? null : State.Status === 'created' ? null : State.ExitCode,
    outOfMemory: State.OOMKilled,
    startedAt: instant(State.StartedAt),
    endedAt: State.Running ? null : instant(State.FinishedAt),
    cpuPercent: usage?.cpuPercent ?? null,
    memoryBytes: usage?.memoryBytes ?? null,
    memoryLimitBytes: HostConfig.Memory === undefined || HostConfig.Memory === 0 ? null : HostConfig.Memory,
    stopGraceMs: graceMs(inspect),
    ports: portsOf(inspect.NetworkSettings.Ports),
    shell: `${exec} exec -it ${name} ${inspect.Platform === 'windows' ? 'cmd' : 'sh'}`,
  }
}

function stateOf(status: string): Service['state'] {
  switch (status) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'exited':
    case 'dead':
      return status
    default:
      // Podman has a few more words; what they mean for a queue is that nothing runs.
      return 'exited'
  }
}

/** No health check is not the same as healthy; the engine says `none` or nothing. */
function healthOf(status: string | undefined): Service['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : null
}

/** `0001-01-01T00:00:00Z` is Go's zero: it never happened. Nanoseconds become milliseconds. */
export function instant(text: string | undefined): string | null {
  if (text === undefined || text.startsWith('0001-')) return null
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

type Ports = Docker.ContainerInspectInfo['NetworkSettings']['Ports']

/** The engine publishes `0.0.0.0` and `::` as two; a person reads one. */
function portsOf(ports: Ports | undefined | null): string[] {
  return Object.entries(ports ?? {}).flatMap(([inside, bindings]) => {
    const shown = (bindings ?? []).filter(
      ({ HostIp, HostPort }) =>
        HostIp !== '::' || !bindings?.some((one) => one.HostIp === '0.0.0.0' && one.HostPort === HostPort),
    )
    return shown.map(
      ({ HostIp, HostPort }) => `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort} → ${inside}`,
    )
  })
}

/** The docker command on this engine, as a person would have to type it here. */
export function dockerCommand({ url, from }: Resolved): string {
  if (from.startsWith('context ')) return `docker --context ${from.slice('context '.length)}`
  return from === 'settings' ? `docker -H ${url}` : 'docker'
}
