// The broker of Celery's own example of priorities: ten steps instead of four, and ':' between all parts of a name.
// https://docs.celeryq.dev/en/stable/userguide/routing.html#redis-message-priorities
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createQuarantine } from '../../../electron/adapters/celery/quarantine/quarantine.ts'
import { createQueues } from '../../../electron/adapters/celery/queues/queues.ts'
import { type Call, celerySend } from '../../support/celery.ts'
import { until } from '../../support/until.ts'
import { type ControlStage, controlStage, PROCESS, soon } from './control-stage.ts'
import { celeryApp } from './queue-stage.ts'

const app = celeryApp()
let on: ControlStage
beforeAll(async () => {
  const options = { sep: ':', priority_steps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], queue_order_strategy: 'priority' }
  on = await controlStage({ env: { TRANSPORT_OPTIONS: JSON.stringify(options) } })
  // Connected while nothing is there that could tell.
  await on.source.run('Ping', soon(), (redis) => redis.ping())
})
afterAll(() => on?.close())

const send = (...jobs: readonly (readonly [id: string, priority: number])[]) =>
  celerySend(on.celery, ...jobs.map(([id, priority]): Call => ({ task: PROCESS, args: [id], options: { priority } })))
const started = async () => (await on.redis.cli('-n', '15', 'LRANGE', 'started', '0', '-1')).split('\n')
const list = async (key: string) => (await on.redis.cli('LRANGE', key, '0', '-1')).split('\n').filter(Boolean)

test('every list is seen, purged and put back, although no worker ever told how names are made', async () => {
  await send(['low', 7], ['first', 0], ['middle', 4], ['middle', 4])
  const queues = createQueues({
    source: on.source,
    app,
    consumersOf: () => null,
    consumed: () => [],
    change: () => undefined,
  })
  const found = await queues.queues(soon())
  expect(found).toMatchObject([
    {
      name: 'celery',
      messages: 4,
      priorities: [
        { priority: 0, messages: 1 },
        { priority: 4, messages: 2 },
        { priority: 7, messages: 1 },
      ],
    },
  ])
  const page = { system: 'x', queue: 'celery', where: 'queue', limit: 10 } as const
  const { messages } = await queues.messages(page, soon())
  expect(messages.map(({ job }) => job)).toEqual(['first', 'middle', 'middle', 'low'])
  queues.close()

  const quarantine = createQuarantine(on.source, app)
  const before = await Promise.all(['celery', 'celery:4', 'celery:7'].map(list))
  for (const rule of ['duplicates', 'all'] as const) {
    const moved = await quarantine.move('celery', rule, `as-${rule}`, soon())
    expect(moved.moved).toBe(rule === 'all' ? 4 : 1)
    expect(await list('celery:4')).toHaveLength(rule === 'all' ? 0 : 1)
    expect(await quarantine.restore(moved, soon())).toEqual({ restored: moved.moved, left: [] })
    expect(await Promise.all(['celery', 'celery:4', 'celery:7'].map(list))).toEqual(before)
  }
})

test('a message that was taken out goes back into the list that it was in', async () => {
  const [one] = await on.control.waiting(['celery'], { ids: ['low'], by: 'job' }, soon())
  if (one === undefined) throw new Error('it is not found')
  expect(await on.control.withdraw('celery', one.raw, 'op', soon())).toBe(true)
  expect(await list('celery:7')).toEqual([])
  await on.control.enqueue({ name: PROCESS, args: [], ...one, id: 'again', operation: 'op' }, soon())
  expect(await list('celery:7')).toEqual([expect.stringContaining('"id": "again"')])
})

test('a worker answers, lives on, and takes the messages in their order', async () => {
  const worker = await on.worker({ name: 'w1' })
  await on.becomes(worker.name, 'running')
  await until('all ran', async () => (await started()).length === 4)
  expect((await started()).at(-1)).toBe('low')
  // Answers once more: a reply that it could not send would have been its last.
  expect(await on.seen(worker.name)).toMatchObject({ state: 'running', queues: ['celery'] })
  expect(await on.control.revoke(['nothing'], { terminate: false, signal: 'SIGTERM' }, soon())).toMatchObject([
    { ok: true },
  ])
  expect(worker.log()).not.toMatch(/Traceback/)
})
