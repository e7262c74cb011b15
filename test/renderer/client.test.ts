// The client outlives its connections: no call hangs, none goes to a dead link, failures keep their own words.
import { ORPCError } from '@orpc/client'
import { afterEach, expect, test, vi } from 'vitest'
import { createClient, failureOf } from '../../renderer/client.ts'
import type { Connection } from '../../renderer/links.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** Connections made by hand; `answer` decides what each call gives. */
function connections(answer: (path: string, signal: AbortSignal | undefined) => Promise<unknown>) {
  const made: { close(): void }[] = []
  const connect = async (): Promise<Connection> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    made.push({ close: resolve })
    return { link: { call: (path, _input, { signal }) => answer(path.join('.'), signal) }, closed: promise }
  }
  return { made, connect }
}

test('a call on a connection that ends is refused, and the next one opens another', async () => {
  const { made, connect } = connections((path) =>
    path === 'host.info' ? new Promise(() => undefined) : Promise.resolve([]),
  )
  const client = createClient(connect)
  const hanging = client.host.info({})
  await Promise.resolve()
  await vi.waitUntil(() => made.length === 1)
  made[0]?.close()
  await expect(hanging).rejects.toThrow('the connection was lost')
  expect(await client.models.list({})).toEqual([])
  expect(made).toHaveLength(2)
})

test('calls at the same time share one connection', async () => {
  const { made, connect } = connections(() => Promise.resolve([]))
  const client = createClient(connect)
  await Promise.all([client.models.list({}), client.models.list({}), client.models.list({})])
  expect(made).toHaveLength(1)
})

test('a connection that cannot be opened is tried again by the next call', async () => {
  let open = false
  const { connect } = connections(() => Promise.resolve([]))
  const client = createClient(() => (open ? connect() : Promise.reject(new Error('nothing answers at this address'))))
  await expect(client.models.list({})).rejects.toThrow('nothing answers')
  open = true
  expect(await client.models.list({})).toEqual([])
})

test('every call has a deadline; a slow one has a longer one', async () => {
  vi.useFakeTimers()
  const aborted: string[] = []
  const { connect } = connections(
    (path, signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          aborted.push(path)
          reject(signal.reason)
        })
      }),
  )
  const client = createClient(connect)
  const read = expect(client.models.list({})).rejects.toThrow('no answer within 15 s')
  const write = expect(client.jobs.add({ paths: ['/a'] })).rejects.toThrow('no answer within 600 s')
  await vi.advanceTimersByTimeAsync(15_000)
  await read
  expect(aborted).toEqual(['models.list'])
  await vi.advanceTimersByTimeAsync(600_000)
  await write
})

test('the host’s own failure is shown as it is; anything else says what was tried', () => {
  const failure = { kind: 'busy', tried: 'Stop', on: 'local', because: 'it is busy', remedy: null } as const
  expect(failureOf(new ORPCError('FAILED', { defined: true, data: failure }), 'Try')).toBe(failure)
  expect(failureOf(new ORPCError('FAILED', { data: 'strange' }), 'Try')).toMatchObject({
    kind: 'unreachable',
    tried: 'Try',
  })
  expect(failureOf(new Error('gone'), 'Read the jobs')).toEqual({
    kind: 'unreachable',
    tried: 'Read the jobs',
    on: '',
    because: 'gone',
    remedy: null,
  })
})
