// Unjam on a machine whose clock is ten minutes off, beside a real stack: nothing looks stuck, and fresh work is safe.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import { serveApp } from '../support/serving-host.ts'
import { type StackApp, stackApp } from '../support/stack-app.ts'
import { until } from '../support/until.ts'

const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path))

describe.skipIf(LIBRARY === undefined)('a clock ten minutes off', () => {
  let app: StackApp
  let long: string
  beforeAll(async () => {
    app = await stackApp()
    await app.worker({ STUCK_SECONDS: '900' }, { name: 'w1' })
    long = await app.add({ title: 'Long.m4a', duration: 3780, seconds: 3600 })
    await app.process(long)
    await until('it is processed', async () => (await app.row(long)).status === 'processing')
  })
  afterAll(() => app?.end())

  test.each(['+10m', '-10m'])('%s', async (skew) => {
    const host = await serveApp({
      env: { LD_PRELOAD: LIBRARY, FAKETIME: skew, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
      settings: {
        systems: [
          {
            ...{ id: 'calls', kind: 'recordings', database: app.database.url },
            ...{ broker: app.redis.url, results: app.redis.urlOf({ db: 1 }) },
          },
        ],
      },
    })
    try {
      const { at, systems, findings } = (await host.api('/snapshot')) as Snapshot
      const [system] = systems
      expect(Math.abs(Date.parse(at) - Date.now())).toBeGreaterThan(9 * 60_000)
      // Ages by the clocks that wrote them.
      expect(system?.running).toMatchObject({ status: 'known', value: [{ id: long }] })
      const [job] = system?.running.status === 'known' ? system.running.value : []
      expect(job?.heartbeatAgeMs).toBeLessThan(60_000)
      expect(job?.elapsedMs).toBeLessThan(5 * 60_000)
      const worker = { name: 'w1@unjam', state: 'running', busy: 1 }
      expect(system?.workers).toMatchObject({ status: 'known', value: [worker] })
      const task = system?.tasks?.status === 'known' ? system.tasks.value.find(({ state }) => state === 'active') : null
      expect(task).toMatchObject({ job: long, worker: 'w1@unjam' })
      expect(task?.elapsedMs).toBeLessThan(5 * 60_000)
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])

      // A heartbeat that is fresh stays fresh: the job is not taken from its worker.
      const released = await host.unjam('act', 'release-jobs', '--system', 'calls', '--ids', long, '--yes')
      expect(released.code).toBe(4)
      expect((await app.row(long)).status).toBe('processing')
      // A command to a worker is not expired when it arrives.
      const grown = await host.unjam('act', 'resize-pool', '--system', 'calls', '--param', 'by=1', '--yes')
      expect(grown.json).toMatchObject({ count: 1 })
    } finally {
      await host.stop()
    }
  })
})
