// Mounts of the worker's container, as this machine has them; those of other services and other machines are not asked.
import { describe, expect, it } from 'vitest'
import type { Container } from '../../../electron/adapters/docker/container.ts'
import type { Endpoint } from '../../../electron/adapters/docker/endpoint.ts'
import { sharedFolders } from '../../../electron/adapters/docker/shared-folders.ts'

const here: Endpoint = { kind: 'socket', path: '/var/run/docker.sock' }
const away: Endpoint = { kind: 'ssh', host: 'office', port: 22, user: 'ops' }

function container(service: string, command: string, mounts: Readonly<Record<string, string>>): Container {
  const [Path = '', ...Args] = command.split(' ')
  const Mounts = Object.entries(mounts).map(([Destination, Source]) => ({ Destination, Source }))
  return { compose: { service }, inspect: { Path, Args, Mounts } } as unknown as Container
}
const redis = container('redis', 'redis-server --appendonly yes', { '/data': '/volumes/redis' })
const worker = container('transcriber', 'python3 -m celery --app app.worker.celery_app worker', {
  '/recordings': 'C:\\app\\recordings',
  '/data': '/run/desktop/mnt/host/d/data',
  '/models': '/gone',
  '/tmp/x': '',
})
const beat = container('beat', 'python3 -m celery --app app.worker.celery_app beat', { '/state': '/volumes/beat' })
const exists = (path: string) => path !== '/gone' && !path.includes('redis')

describe('folders of the worker', () => {
  it('are found by what the container runs, and named as Windows does', () => {
    expect(sharedFolders([redis, beat, worker], here, [], 'win32', exists)).toEqual([
      { inside: '/recordings', here: 'C:\\app\\recordings' },
      { inside: '/data', here: 'D:\\data' },
    ])
  })
  it('are those of the service called worker where no command tells', () => {
    const shell = container('worker', '/start.sh', { '/data': '/srv/data' })
    expect(sharedFolders([redis, shell], here, [], 'linux', exists)).toEqual([{ inside: '/data', here: '/srv/data' }])
    expect(sharedFolders([redis], here, [], 'linux', () => true)).toEqual([])
  })
  it('are none when the engine is elsewhere, however the folders there are called', () => {
    const shell = container('worker', '/start.sh', { '/data': '/srv/data' })
    expect(sharedFolders([shell], away, [], 'linux', () => true)).toEqual([])
  })
})
