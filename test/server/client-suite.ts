// One suite for every link: what a window, a browser and a command may rely on, whatever carries it.
import { randomUUID } from 'node:crypto'
import { isDefinedError, ORPCError, safe } from '@orpc/client'
import { expect } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import type { Caller } from '../../electron/core/api.ts'
import type { Client } from '../../electron/server/attached-core.ts'
import { criticalFinding, type FakeApi, FINGERPRINT } from '../support/fake-api.ts'
import { until } from '../support/until.ts'

/** `translated`: the link turns typed errors back into FailureErrors (attached cores do). */
export async function clientSuite(client: Client, api: FakeApi, via: Caller['via'], translated = false): Promise<void> {
  // Calls with defaults, arrays, nulls and text beyond ASCII.
  const page = await client.jobs.page({ system: 'local', state: 'queued' })
  expect(page.jobs.map(({ id }) => id)).toEqual(['1', '2'])
  expect((await client.jobs.page({ system: 'local', state: 'queued', limit: 1 })).jobs).toHaveLength(1)
  expect(await client.jobs.export({ system: 'local', id: '1', format: 'srt' })).toMatchObject({ text: 'Grüße' })
  expect((await client.snapshot()).systems[0]?.counts).toMatchObject({ status: 'known', value: { queued: 2 } })
  expect(await client.settings.update({ theme: 'dark' })).toMatchObject({ theme: 'dark' })
  expect(api.settings.theme).toBe('dark')

  // A failure of the core arrives whole, as the one typed error.
  const gone = await safe(client.jobs.detail({ system: 'local', id: 'nope' }))
  const expected = { kind: 'missing', on: 'nope', because: 'there is no such job', remedy: 'Look for it in the list.' }
  if (translated) expect(gone.error instanceof FailureError && gone.error.failure).toMatchObject(expected)
  else if (isDefinedError(gone.error)) expect([gone.error.code, gone.error.data]).toMatchObject(['FAILED', expected])
  else expect.fail(`a defined error was expected, not ${gone.error}`)

  // Input that breaks the contract is refused before the core sees it, and says what was wrong.
  const wrong = await safe(client.jobs.page({ system: 'NOT AN ID', state: 'queued' }))
  if (translated) expect(wrong.error instanceof FailureError && wrong.error.failure.kind).toBe('invalid')
  else expect(wrong.error instanceof ORPCError && wrong.error.code).toBe('BAD_REQUEST')

  // Who acts is what the link says.
  const request = { action: 'retry-jobs' as const, system: 'local', target: ['1'] }
  const before = api.callers.length
  const done = await client.actions.execute({ request, fingerprint: FINGERPRINT })
  expect(api.callers.slice(before).map((caller) => caller.via)).toEqual([via])
  expect(done.actor).toContain(`(${via})`)

  // The live stream: a snapshot, then what changes.
  const opened = api.streams.open
  const closed = api.streams.closed
  const live = await client.live()
  const first = await live.next()
  expect(first.value).toMatchObject({ kind: 'snapshot' })
  const key = randomUUID()
  api.publish([criticalFinding({ key })])
  expect((await live.next()).value).toMatchObject({ kind: 'changed', changes: { findings: [{ key }] } })
  expect(api.streams.open).toBe(opened + 1)

  // Ended by return() although the generator is parked on an await …
  await live.return?.(undefined)
  await until('the stream ended after return()', () => api.streams.closed === closed + 1)
  // … and by a signal.
  const leaving = new AbortController()
  const second = await client.live(undefined, { signal: leaving.signal })
  await second.next()
  const parked = second.next()
  leaving.abort(new Error('the window closed'))
  await expect(parked).rejects.toThrow('the window closed')
  await until('the stream ended after the abort', () => api.streams.closed === closed + 2)
}
