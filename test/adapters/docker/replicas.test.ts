// Which of several containers with one number counts, by the names that compose and the engine's way give them.
import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import type { Container } from '../../../electron/adapters/docker/container.ts'
import { properName, splitReplicas } from '../../../electron/adapters/docker/replicas.ts'

const OLD = '4c251d470cb1'
const NEW = 'fa6caf094944'

function container(
  name: string,
  part: { id?: string; running?: boolean; number?: number; created?: string; replaces?: string } = {},
): Container {
  const { id = OLD, running = false, number = 1, created = '2026-01-01T00:00:00Z', replaces } = part
  const labels = replaces === undefined ? {} : { 'com.docker.compose.replace': replaces.padEnd(64, '0') }
  const inspect = { Id: id.padEnd(64, '0'), Created: created, State: { Running: running }, Config: { Labels: labels } }
  return {
    ...{ id: inspect.Id, name, inspect: inspect as unknown as Docker.ContainerInspectInfo },
    compose: { project: 'app', service: 'worker', number, workingDir: '/app', configFiles: [], envFile: null },
  }
}
const names = (containers: readonly Container[]) => {
  const { replicas, leftovers } = splitReplicas(containers)
  return [replicas.map(({ name }) => name), leftovers.map((one) => [one.container.name, one.ofCompose])]
}

describe('replicas and leftovers', () => {
  it.each([
    [
      'one each',
      [container('app-worker-1'), container('app-worker-2', { number: 2 })],
      ['app-worker-1', 'app-worker-2'],
      [],
    ],
    [
      'v1, before the new one starts: the proper name',
      [container(`${OLD}_app_worker_1`), container('app_worker_1', { id: NEW })],
      ['app_worker_1'],
      [[`${OLD}_app_worker_1`, true]],
    ],
    [
      'v1, and the old one was started by hand: the one that runs',
      [container(`${OLD}_app_worker_1`, { running: true }), container('app_worker_1', { id: NEW })],
      [`${OLD}_app_worker_1`],
      [['app_worker_1', false]],
    ],
    [
      'both run: the proper name',
      [container(`${OLD}_app_worker_1`, { running: true }), container('app_worker_1', { id: NEW, running: true })],
      ['app_worker_1'],
      [[`${OLD}_app_worker_1`, true]],
    ],
    [
      'v2, the new one is only created',
      [container('app-worker-1', { running: true }), container(`${OLD}_app-worker-1`, { id: NEW, replaces: OLD })],
      ['app-worker-1'],
      [[`${OLD}_app-worker-1`, true]],
    ],
    [
      'v2 replaces a container of v1',
      [container('app_worker_1', { running: true }), container(`${OLD}_app-worker-1`, { id: NEW, replaces: OLD })],
      ['app_worker_1'],
      [[`${OLD}_app-worker-1`, true]],
    ],
    [
      'v2, the old one is removed: the only one',
      [container(`${OLD}_app-worker-1`, { id: NEW })],
      [`${OLD}_app-worker-1`],
      [],
    ],
    [
      'the engine’s way, beside',
      [container('app-worker-1', { running: true }), container('app-worker-1_new', { id: NEW })],
      ['app-worker-1'],
      [['app-worker-1_new', false]],
    ],
    [
      'the engine’s way, between the renames: the old one',
      [container('app-worker-1_new', { id: NEW, created: '2026-02-01T00:00:00Z' }), container('app-worker-1_old')],
      ['app-worker-1_old'],
      [['app-worker-1_new', false]],
    ],
    [
      'names that prove nothing: both count',
      [container('app-worker-1', { running: true }), container('mine', { id: NEW, running: true })],
      ['app-worker-1', 'mine'],
      [],
    ],
    [
      'twelve digits of another container prove nothing',
      [
        container('app_worker_1', { running: true }),
        container('000000000000_app_worker_1', { id: NEW, running: true }),
      ],
      ['app_worker_1', '000000000000_app_worker_1'],
      [],
    ],
  ] as const)('%s', (_, containers, replicas, leftovers) => {
    expect(names(containers)).toEqual([replicas, leftovers])
    expect(names(containers.toReversed())[1]).toEqual(leftovers)
  })

  it('the proper name is read only where the id is its own or the replaced one’s', () => {
    expect(properName(container(`${OLD}_app_worker_1`))).toBe('app_worker_1')
    expect(properName(container(`${OLD}_app-worker-1`, { id: NEW, replaces: OLD }))).toBe('app-worker-1')
    expect(properName(container(`${OLD}_app-worker-1`, { id: NEW }))).toBe(`${OLD}_app-worker-1`)
    expect(properName(container('app-worker-1'))).toBe('app-worker-1')
  })
})
