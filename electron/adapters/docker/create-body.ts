// What a container would be created with again: its own description with another environment (practice guide §4.5).
import type Docker from 'dockerode'
import { before } from './engine.ts'

type Inspect = Docker.ContainerInspectInfo
type Endpoint = Docker.EndpointSettings

export interface CreateBody {
  readonly body: Omit<Docker.ContainerCreateOptions, 'name'>
  /** Networks that an engine before API 1.44 does not take at create: connected before the start. */
  readonly later: readonly { readonly network: string; readonly endpoint: Partial<Endpoint> }[]
}

/** Networks that are the engine's own: they know no aliases. */
const PREDEFINED = new Set(['bridge', 'default', 'host', 'none', 'nat'])

/** @param image the tag, where it still means the same image, else the image's id. */
export function createBody(inspect: Inspect, image: string, env: readonly string[], apiVersion: string): CreateBody {
  const { Config, HostConfig } = inspect
  const short = inspect.Id.slice(0, 12)
  const { Hostname, ...config } = Config
  const networks = Object.entries(inspect.NetworkSettings.Networks ?? {})
    .filter(([name]) => !PREDEFINED.has(name) && !PREDEFINED.has(HostConfig.NetworkMode ?? ''))
    .map(([network, endpoint]) => ({ network, endpoint: asWished(endpoint, short) }))
    // The one that the container's mode names comes first: it is the default route.
    .sort((a, b) => Number(b.network === HostConfig.NetworkMode) - Number(a.network === HostConfig.NetworkMode))
  const atCreate = before(apiVersion, '1.44') ? networks.slice(0, 1) : networks
  return {
    body: {
      ...config,
      ...(Hostname === short ? {} : { Hostname }),
      Image: image,
      Env: [...env],
      HostConfig: { ...HostConfig, ...keptVolumes(inspect) },
      ...(atCreate.length === 0
        ? {}
        : {
            NetworkingConfig: {
              EndpointsConfig: Object.fromEntries(
                atCreate.map(({ network, endpoint }) => [network, endpoint as Endpoint]),
              ),
            },
          }),
    },
    later: networks.slice(atCreate.length),
  }
}

/** What somebody asked for; addresses, gateways and ids are what the engine gave. */
function asWished(endpoint: Docker.NetworkInfo & Partial<Endpoint>, short: string): Partial<Endpoint> {
  const { Aliases, Links, DriverOpts, IPAMConfig } = endpoint
  return {
    ...(Aliases == null ? {} : { Aliases: Aliases.filter((alias: string) => alias !== short) }),
    ...(Links == null ? {} : { Links }),
    ...(DriverOpts == null ? {} : { DriverOpts }),
    ...(IPAMConfig == null || Object.keys(IPAMConfig).length === 0 ? {} : { IPAMConfig }),
  }
}

/** Anonymous volumes by the name that the engine gave them: else the new container begins with empty ones. */
function keptVolumes({ HostConfig, Mounts }: Inspect): Pick<Docker.HostConfig, 'Binds' | 'Mounts'> {
  const binds = HostConfig.Binds ?? []
  const mounts = HostConfig.Mounts ?? []
  const named = (destination: string) =>
    Mounts.find((one) => one.Type === 'volume' && one.Destination === destination)?.Name
  const covered = (destination: string) =>
    mounts.some((mount) => mount.Target === destination) ||
    binds.some((bind) => bind.endsWith(`:${destination}`) || bind.includes(`:${destination}:`))
  const anonymous = Mounts.flatMap(({ Type, Name, Destination, RW }) =>
    Type === 'volume' && Name !== undefined && !covered(Destination)
      ? [`${Name}:${Destination}${RW ? '' : ':ro'}`]
      : [],
  )
  const filled = mounts.map((mount) => {
    const name = mount.Type === 'volume' && !mount.Source ? named(mount.Target) : undefined
    return name === undefined ? mount : { ...mount, Source: name }
  })
  return { Binds: [...binds, ...anonymous], ...(HostConfig.Mounts == null ? {} : { Mounts: filled }) }
}

/** `KEY=value` lines with some keys set, and removed where null; the order of the others stays. */
export function withChanges(env: readonly string[], changes: Readonly<Record<string, string | null>>): string[] {
  const name = (line: string) => line.split('=', 1)[0] ?? line
  const seen = new Set<string>()
  const kept = env.flatMap((line) => {
    const key = name(line)
    if (!Object.hasOwn(changes, key)) return [line]
    const value = changes[key]
    if (value == null || seen.has(key)) return []
    seen.add(key)
    return [`${key}=${value}`]
  })
  const added = Object.entries(changes).flatMap(([key, value]) =>
    value === null || seen.has(key) ? [] : [`${key}=${value}`],
  )
  return [...kept, ...added]
}

/** Why the engine alone cannot make this container again; null when it can. */
export function notRecreatable(inspect: Inspect, others: readonly Inspect[]): string | null {
  const { HostConfig, Config } = inspect
  const shares = (one: Inspect) => [one.HostConfig.NetworkMode, one.HostConfig.IpcMode, one.HostConfig.PidMode]
  if (HostConfig.AutoRemove) return 'it removes itself when it stops, so nothing could be put back'
  if (Config.Labels?.['com.docker.swarm.task'] !== undefined) return 'Docker Swarm manages it'
  if (shares(inspect).some((mode) => mode?.startsWith('container:')))
    return 'it shares a namespace with another container, which only compose puts together again'
  const dependent = others.find((one) => shares(one).includes(`container:${inspect.Id}`))
  if (dependent !== undefined) return `${dependent.Name.replace(/^\//, '')} shares its namespace and would be cut off`
  return null
}
