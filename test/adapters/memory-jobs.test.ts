// The in-memory system passes the battery, and breaks on demand.
import { expect, test } from 'vitest'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { describeJobSystem } from './job-system.contract.ts'

const clock = { nowMs: () => Date.now() }

async function stage(cannot: Parameters<typeof memoryJobs>[0]['cannot'] = {}) {
  const system = memoryJobs({ id: 'local', clock, cannot })
  return {
    system,
    seed: async (jobs: Parameters<typeof system.seed>[0]) => {
      await system.close()
      system.seed(jobs)
    },
    id: (name: string) => name,
    name: (id: string) => id,
    move: async (name: string, state: Parameters<typeof system.change>[1]['state'] & string) =>
      system.change(name, { state, lease: null }),
    endCancelled: async (name: string) => system.change(name, { state: 'skipped', error: 'Cancelled.', lease: null }),
    rows: async () => new Map(system.jobs().map((job) => [job.id, JSON.stringify(job)])),
    close: () => system.close(),
  }
}

describeJobSystem('in memory', () => stage(), { cannot: {} })
describeJobSystem(
  'in memory, with less ability',
  () =>
    stage({ remove: 'Rows belong to another program.', add: 'Files come from elsewhere.', cancel: 'Nobody listens.' }),
  { cannot: { remove: /belong to another program\./, add: /come from elsewhere\./, cancel: /Nobody listens\./ } },
)

test('a broken source fails every read with its failure until it heals', async () => {
  const system = memoryJobs({ id: 'local', clock })
  const failure = new FailureError({ kind: 'unreachable', tried: 'Read', on: 'x', because: 'gone', remedy: null })
  system.breakWith(failure)
  await expect(system.counts(AbortSignal.timeout(1000))).rejects.toBe(failure)
  system.breakWith(null)
  expect(await system.counts(AbortSignal.timeout(1000))).toMatchObject({ queued: 0 })
})
