// What a container is created with again: nothing lost that somebody asked for, nothing kept that the engine gave.
import type Docker from 'dockerode'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBody, notRecreatable, withChanges } from '../../../electron/adapters/docker/create-body.ts'

const ID = '664cc3b70a7768a27f89d280788a37d653cd89fe001f83b0c06b33a4127a632d'
type Part = { Config?: object; HostConfig?: object; Mounts?: object[]; Networks?: object; Name?: string; Id?: string }

/** As engine 20.10 describes a container of compose v1, with what a test is about. */
function inspected({
  Config,
  HostConfig,
  Mounts = [],
  Networks,
  Name = '/app_worker_1',
  Id = ID,
}: Part = {}): Docker.ContainerInspectInfo {
  const endpoint = {
    ...{
      IPAMConfig: null,
      Links: null,
      Aliases: ['worker', Id.slice(0, 12)],
      NetworkID: 'n',
      EndpointID: 'e',
      Gateway: '10.0.0.1',
    },
    ...{
      IPAddress: '10.0.0.3',
      IPPrefixLen: 24,
      MacAddress: '02:42:0a:d6:00:03',
      DriverOpts: null,
      DNSNames: ['worker'],
    },
  }
  return {
    ...{ Id, Name, Image: 'sha256:old', Mounts },
    Config: {
      Hostname: Id.slice(0, 12),
      Image: 'app:1',
      Env: ['A=1'],
      Labels: { team: 'calls' },
      Cmd: ['sh'],
      StopTimeout: 30,
      ...Config,
    },
    HostConfig: { NetworkMode: 'app_back', RestartPolicy: { Name: 'always' }, Binds: null, Memory: 5, ...HostConfig },
    NetworkSettings: {
      Networks: Networks ?? {
        app_front: endpoint,
        app_back: { ...endpoint, IPAMConfig: { IPv4Address: '10.0.0.3' }, Links: ['db:d'] },
      },
    },
  } as unknown as Docker.ContainerInspectInfo
}
const body = (part: Part = {}, api = '1.47') => createBody(inspected(part), 'app:1', ['A=2'], api)

describe('body', () => {
  it('keeps what was asked for, with the new environment', () => {
    expect(body().body).toMatchObject({
      ...{ Image: 'app:1', Env: ['A=2'], Labels: { team: 'calls' }, Cmd: ['sh'], StopTimeout: 30 },
      HostConfig: { RestartPolicy: { Name: 'always' }, Memory: 5, NetworkMode: 'app_back' },
    })
  })

  it('drops a hostname that is only the old id, and keeps one that was chosen', () => {
    expect(body().body).not.toHaveProperty('Hostname')
    expect(body({ Config: { Hostname: 'worker-a' } }).body.Hostname).toBe('worker-a')
  })

  it('keeps aliases, links, driver options and fixed addresses of each network, the main one first; gives up the rest', () => {
    const { body: made, later } = body()
    expect(Object.entries(made.NetworkingConfig?.EndpointsConfig ?? {})).toEqual([
      ['app_back', { Aliases: ['worker'], Links: ['db:d'], IPAMConfig: { IPv4Address: '10.0.0.3' } }],
      ['app_front', { Aliases: ['worker'] }],
    ])
    expect(later).toEqual([])
  })

  it('before API 1.44 the second network is connected afterwards', () => {
    const { body: made, later } = body({}, '1.41')
    expect(Object.keys(made.NetworkingConfig?.EndpointsConfig ?? {})).toEqual(['app_back'])
    expect(later).toEqual([{ network: 'app_front', endpoint: { Aliases: ['worker'] } }])
  })

  it('the engine’s own networks take no endpoint settings', () => {
    for (const mode of ['host', 'none', 'bridge'])
      expect(
        body({ HostConfig: { NetworkMode: mode }, Networks: { [mode]: { Aliases: null } } }).body,
      ).not.toHaveProperty('NetworkingConfig')
  })

  it('anonymous volumes go on under the name that the engine gave them', () => {
    const volume = (Name: string, Destination: string, RW = true) => ({ Type: 'volume', Name, Destination, RW })
    const { HostConfig } = body({
      HostConfig: {
        Binds: ['data:/data:rw'],
        Mounts: [
          { Type: 'volume', Target: '/cache' },
          { Type: 'bind', Source: '/a', Target: '/b' },
        ],
      },
      Mounts: [
        volume('data', '/data'),
        volume('f00', '/scratch'),
        volume('f01', '/read', false),
        volume('f02', '/cache'),
        { Type: 'bind', Source: '/a', Destination: '/b', RW: true },
      ],
    }).body
    expect(HostConfig?.Binds).toEqual(['data:/data:rw', 'f00:/scratch', 'f01:/read:ro'])
    expect(HostConfig?.Mounts).toEqual([
      { Type: 'volume', Target: '/cache', Source: 'f02' },
      { Type: 'bind', Source: '/a', Target: '/b' },
    ])
  })
})

describe('environment', () => {
  const keys = fc.constantFrom('A', 'B', 'C', 'D')
  const lines = fc.array(
    fc.tuple(keys, fc.string()).map(([key, value]) => `${key}=${value}`),
    { maxLength: 6 },
  )
  const changes = fc.dictionary(keys, fc.option(fc.string(), { nil: null }))

  it('has every change once, and every other line as it was, in its order', () => {
    fc.assert(
      fc.property(lines, changes, (env, wanted) => {
        const result = withChanges(env, wanted)
        const name = (line: string) => line.split('=', 1)[0] ?? ''
        expect(result.filter((line) => !Object.hasOwn(wanted, name(line)))).toEqual(
          env.filter((line) => !Object.hasOwn(wanted, name(line))),
        )
        for (const [key, value] of Object.entries(wanted))
          expect(result.filter((line) => name(line) === key)).toEqual(value === null ? [] : [`${key}=${value}`])
      }),
    )
  })
})

describe('what the engine alone cannot make again', () => {
  const neighbour = inspected({
    Id: 'b'.repeat(64),
    Name: '/app_vpn_1',
    HostConfig: { NetworkMode: `container:${ID}` },
  })
  it.each([
    [{}, [], null],
    [{ HostConfig: { AutoRemove: true } }, [], 'it removes itself'],
    [{ HostConfig: { NetworkMode: 'container:abc' } }, [], 'it shares a namespace'],
    [{ HostConfig: { PidMode: 'container:abc' } }, [], 'it shares a namespace'],
    [{ Config: { Labels: { 'com.docker.swarm.task': 'x' } } }, [], 'Docker Swarm manages it'],
    [{}, [neighbour], 'app_vpn_1 shares its namespace'],
  ] as const)('%j', (part, others, because) => {
    const reason = notRecreatable(inspected(part), [...others])
    if (because === null) expect(reason).toBeNull()
    else expect(reason).toContain(because)
  })
})
