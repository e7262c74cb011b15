// Ages of tasks by the broker's clock, whatever the worker's clock says; jobs from reprs as senders print them.
import { describe, expect, it } from 'vitest'
import type { HeldTask } from '../../../../electron/adapters/celery/control/answers.ts'
import type { Beat } from '../../../../electron/adapters/celery/control/events.ts'
import type { Survey } from '../../../../electron/adapters/celery/control/survey.ts'
import { tasksOf } from '../../../../electron/adapters/celery/control/tasks.ts'
import { celeryApp, PROCESS } from '../queue-stage.ts'

const BROKER_MS = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000
const app = celeryApp()

function survey(active: Partial<HeldTask>): Survey {
  const task = {
    id: 't',
    name: PROCESS,
    args: "('rec-1',)",
    kwargs: '{}',
    time_start: null,
    delivery_info: null,
    ...active,
  }
  const stats = {
    pid: 1,
    uptimeMs: 120 * MINUTE,
    accepted: 1,
    slots: 1,
    pool: 'prefork' as const,
    timeLimitMs: 1_800_000,
  }
  const worker = { stats, active: [task], reserved: null, scheduled: null, queues: ['celery'], namesakes: 1 }
  return {
    atMs: 50_000,
    brokerMs: BROKER_MS,
    workers: new Map([['w1@h', worker]]),
    silentConnections: 0,
    bound: [],
    waiting: new Map(),
    paused: new Set(),
  }
}
/** A heartbeat that arrived a second ago from a worker whose clock is off by so much. */
const beats = (offMs: number): ReadonlyMap<string, Beat> =>
  new Map([['w1@h', { arrivedMs: 49_000, sentMs: BROKER_MS - 1000 + offMs, everyMs: 2000, pid: 1, offline: false }]])
const started = (agoMs: number, offMs: number) => survey({ time_start: (BROKER_MS - agoMs + offMs) / 1000 })

describe('a task that runs for 37 minutes', () => {
  it.each([0, 10 * MINUTE, -10 * MINUTE])('on a worker whose clock is off by %i ms', (offMs) => {
    const [task] = tasksOf(started(37 * MINUTE, offMs), beats(offMs), app)
    expect(task?.elapsedMs).toBeCloseTo(37 * MINUTE, -1)
    expect(task?.startedAt).toBe('2026-11-22T11:23:00.000Z')
    expect(task).toMatchObject({ job: 'rec-1', state: 'active', timeLimitMs: 1_800_000 })
  })

  it('is of unknown age where no heartbeat tells the skew and the age is impossible', () => {
    expect(tasksOf(started(MINUTE, 10 * MINUTE), new Map(), app)[0]).toMatchObject({ elapsedMs: null, startedAt: null })
    expect(tasksOf(started(MINUTE, -240 * MINUTE), new Map(), app)[0]).toMatchObject({ elapsedMs: null })
    expect(tasksOf(started(MINUTE, 0), new Map(), app)[0]?.elapsedMs).toBe(MINUTE)
  })
})

it.each<[Partial<HeldTask>, string | null, string]>([
  [{ args: '[42]' }, '42', '[42]'],
  [{ args: [42], kwargs: {} }, '42', '(42,)'],
  [{ args: [], kwargs: { recording_id: 'rec-7' } }, 'rec-7', "() {'recording_id': 'rec-7'}"],
  [{ args: '()', kwargs: "{'recording_id': 'rec-8'}" }, 'rec-8', "() {'recording_id': 'rec-8'}"],
  [{ name: 'cleanup', args: '(42,)' }, null, '(42,)'],
])('%j works on %s', (task, job, args) => {
  expect(tasksOf(survey(task), new Map(), app)).toMatchObject([{ job, args }])
})
