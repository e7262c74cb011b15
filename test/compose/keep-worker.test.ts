// When the supervised worker starts by itself, stays stopped, or is started anew.
import { describe, expect, test } from 'vitest'
import { keepWorker } from '../../electron/compose/keep-worker.ts'
import type { WorkerPlan } from '../../electron/compose/worker-config.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import type { WorkerProcess } from '../../electron/contract/snapshot.ts'
import { RecordingsTable, WorkerConfig } from '../../electron/contract/worker-protocol.ts'
import type { WorkerControl } from '../../electron/core/ports/local.ts'

const noModel = new FailureError({
  kind: 'missing',
  tried: 'Start the worker',
  on: '',
  because: 'there is no model yet',
  remedy: null,
})

function planWith(threads: number): WorkerPlan {
  const paths = { database: '', engine: '/e', model: '/m', scratch: '/s', children: '/c' }
  return WorkerConfig.parse({ ...paths, table: RecordingsTable.parse({}), slots: 1, threads })
}

/** A worker control that remembers what was asked of it. */
function house({ startWithApp = true, plan = planWith(2) as WorkerPlan | null } = {}) {
  const asked: string[] = []
  const problems: string[] = []
  const now = { state: 'stopped' as WorkerProcess['state'], plan, startWithApp, fails: null as Error | null }
  const worker: WorkerControl = {
    state: () => ({ state: now.state, pid: null, restarts: 0, because: null }),
    async start() {
      asked.push('start')
      if (now.fails !== null) throw now.fails
      now.state = 'running'
    },
    async stop() {
      asked.push('stop')
      now.state = 'stopped'
    },
    pause: async () => void asked.push('pause'),
    resume: async () => void asked.push('resume'),
    log: (cursor) => ({ lines: [], cursor }),
    onChange: () => () => undefined,
  }
  const kept = keepWorker({
    worker,
    startWithApp: () => now.startWithApp,
    plan() {
      if (now.plan === null) throw noModel
      return now.plan
    },
    onProblem: (sentence) => problems.push(sentence),
  })
  return { asked, problems, now, kept }
}

describe('the worker of a serving host', () => {
  test('waits while there is no model, and starts when the first one arrives', async () => {
    const { asked, now, kept } = house({ plan: null })
    kept.look()
    now.plan = planWith(2)
    kept.look()
    await expect.poll(() => now.state).toBe('running')
    expect(asked).toEqual(['start'])
  })

  test('does not start by itself when the settings say so, and does when a person asks', async () => {
    const { asked, now, kept } = house({ startWithApp: false })
    kept.look()
    await kept.worker.start()
    expect(asked).toEqual(['start'])
    expect(now.state).toBe('running')
  })

  test('stays stopped when a person stopped it, whatever changes', async () => {
    const { asked, now, kept } = house()
    kept.look()
    await expect.poll(() => now.state).toBe('running')
    await kept.worker.stop()
    now.plan = planWith(4)
    kept.look()
    await kept.worker.pause()
    expect(asked).toEqual(['start', 'stop', 'pause'])
    expect(now.state).toBe('stopped')
  })

  test('is started anew when its plan changed, and left alone when it did not', async () => {
    const { asked, now, kept } = house()
    kept.look()
    await expect.poll(() => now.state).toBe('running')
    now.plan = planWith(2)
    kept.look()
    now.plan = planWith(4)
    kept.look()
    await expect.poll(() => asked).toEqual(['start', 'stop', 'start'])
    expect(now.state).toBe('running')
  })

  test('a start that fails is a problem told, and the next change tries again', async () => {
    const { asked, problems, now, kept } = house()
    now.fails = new Error('the database does not start')
    kept.look()
    await expect.poll(() => problems).toEqual(['the database does not start'])
    now.fails = null
    kept.look()
    await expect.poll(() => now.state).toBe('running')
    expect(asked).toEqual(['start', 'start'])
  })

  test('nothing starts after the host began to stop', async () => {
    const { asked, kept } = house()
    kept.stop()
    kept.look()
    await kept.worker.pause()
    expect(asked).toEqual(['pause'])
  })
})
