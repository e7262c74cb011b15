// Every sample incident on a real embedded database: its verdict, each remedy pressed, undone where that is promised.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding, RuleId } from '../../electron/contract/finding.ts'
import type { SampleName } from '../../electron/contract/sample.ts'
import { admin, failureOf, signal } from '../support/acting.ts'
import { type SampleCore, sampleCore } from '../support/sample-core.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
/** The health of a QC service is read every 10 s at most. */
const KEPT_MS = 15_000
let on: SampleCore

beforeAll(async () => {
  on = await sampleCore(folders.path(), join(import.meta.dirname, '../..'))
})
afterAll(async () => {
  await on.close()
  folders.remove()
})

const counts = async (system: string) => {
  const found = (await on.snapshot()).systems.find(({ id }) => id === system)
  if (found?.counts.status !== 'known') throw new Error(`${system} cannot be counted`)
  return found.counts.value
}
const messages = async (system: string, queue: string) => {
  const found = (await on.snapshot()).systems.find(({ id }) => id === system)
  return found?.queues?.status === 'known' ? found.queues.value.find(({ name }) => name === queue)?.messages : null
}
const find = async (rule: RuleId): Promise<Finding> => {
  const found = (await on.findings()).find((one) => one.rule === rule)
  if (found === undefined) throw new Error(`${rule} is not found`)
  return found
}

/** Ticks until the finding is gone: what its remedy promised has happened. */
async function clears(key: string, withinS: number): Promise<void> {
  const there = async () => (await on.findings()).some((one) => one.key === key)
  for (let second = 0; second < withinS; second++) {
    if (!(await there())) return
    await on.tick(1)
  }
  // The answers of an HTTP service are kept for seconds, which no tick shortens.
  await expect.poll(there, { timeout: KEPT_MS, message: key }).toBe(false)
}

const verdicts: readonly { name: SampleName; rule: RuleId; severity: Finding['severity']; headline: RegExp }[] = [
  { name: 'stuck-at-1069', rule: 'long-job-holds-worker', severity: 'warning', headline: /63-minute.*20 jobs wait/ },
  { name: 'failed-tasks', rule: 'timeout-below-duration', severity: 'warning', headline: /30 min limit ended 4 long/ },
  { name: 'queue-cleanup', rule: 'heartbeat-stale', severity: 'critical', headline: /2 running jobs.*41 min/ },
  { name: 'stuck-runs', rule: 'run-overdue', severity: 'critical', headline: /2 runs.*No worker has them/ },
  { name: 'stuck-qc', rule: 'qc-stage-stuck', severity: 'critical', headline: /17 %/ },
]

describe.each(verdicts)('$name', ({ name, rule, severity, headline }) => {
  it('is diagnosed as the runbook’s cause', async () => {
    await on.fresh(name)
    const [verdict] = await on.findings()
    expect(verdict).toMatchObject({ rule, severity })
    expect(verdict?.headline).toMatch(headline)
    expect((await on.snapshot()).findings.filter((one) => one.rule === 'source-unreachable')).toEqual([])
  })

  it('each remedy of each finding works, clears its finding, and is undone where that is promised', async () => {
    await on.fresh(name)
    const offered = (await on.findings()).flatMap((one) => one.remedies.map((_, at) => ({ key: one.key, at })))
    expect(offered.length).toBeGreaterThan(0)
    for (const { key, at } of offered) {
      const press = async () => {
        await on.fresh(name)
        const finding = (await on.findings()).find((one) => same(one.key, key))
        const remedy = finding?.remedies[at]
        if (finding === undefined || remedy === undefined) throw new Error(`${key} has no remedy ${at} any more`)
        return { finding, ...(await on.press(finding, remedy)) }
      }
      const { finding, preview, receipt } = await press()
      expect(receipt, key).toMatchObject({ count: preview.count, left: [], system: finding.system })
      expect(on.core.receipts(10, null)[0]?.id).toBe(receipt.id)
      await clears(finding.key, 20)
      if (!receipt.undoable) continue
      const again = await press()
      const undone = await on.core.undo(again.receipt.id, admin)
      expect(undone.undone, key).toMatchObject({ restored: again.receipt.count, left: [] })
      expect((await on.findings()).map(({ rule }) => rule)).toContain(again.finding.rule)
    }
  })
})

/** Jobs of a sample that is staged anew may have new ids; rule and system are the same. */
function same(one: string, other: string): boolean {
  const general = (key: string) => key.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id').replace(/:\d{4}-\d\d-.*$/, '')
  return general(one) === general(other)
}

describe('what a remedy promises comes true', () => {
  it('runbook 0: with one more slot the pile is gone and jobs are done beside the long one', async () => {
    await on.fresh('stuck-at-1069')
    expect(await counts('sample-calls')).toMatchObject({ queued: 20, running: 1, done: 1069, failed: 0 })
    expect(await messages('sample-calls', 'celery')).toBe(93)
    const finding = await find('long-job-holds-worker')
    await on.press(finding, finding.remedies[0] as never)
    await on.tick(30)
    const after = await counts('sample-calls')
    expect(after.done).toBeGreaterThan(1069)
    expect(after).toMatchObject({ failed: 0 })
    expect((await on.snapshot()).systems[0]?.running).toMatchObject({
      value: expect.arrayContaining([expect.objectContaining({ id: 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29' })]),
    })
  })

  it('runbook 0: a second container, more processes and a stopped worker are what they say', async () => {
    await on.fresh('stuck-at-1069')
    const workers = async () => {
      const reading = (await on.snapshot()).systems[0]?.workers
      return reading?.status === 'known' ? reading.value.map(({ name, slots, busy }) => [name, slots, busy]) : null
    }
    const { receipt } = await on.act({
      ...{ action: 'scale-service', system: 'sample-calls', target: ['worker'], params: { replicas: '2' } },
    })
    await on.tick(2)
    expect(await workers()).toEqual([
      ['celery@worker-1', 1, 1],
      ['celery@worker-2', 1, 1],
    ])
    await on.core.undo(receipt.id, admin)
    expect(await workers()).toEqual([['celery@worker-1', 1, 1]])
    // What it held goes back to the queue with its container, and the new one has the new size.
    await on.act({ action: 'set-env', system: 'sample-calls', params: { WORKER_CONCURRENCY: '3' } })
    await on.tick(2)
    expect(await workers()).toEqual([['celery@worker-1', 3, 3]])
    await on.act({ action: 'stop-service', system: 'sample-calls', target: ['worker'] })
    await on.tick(1)
    expect(await workers()).toEqual([])
    expect(await counts('sample-calls')).toMatchObject({ running: 0, failed: 0 })
  })

  it('runbook 1: a retry alone fails again; without the limit all four are done', async () => {
    await on.fresh('failed-tasks')
    const retry = async () => {
      const finding = await find('timeout-below-duration')
      await on.press(finding, finding.remedies.find(({ action }) => action === 'retry-jobs') as never)
      // The enqueuer comes within two minutes.
      on.pass(120_000)
    }
    await retry()
    // 12 s each by the time-lapse, four attempts each, with a visit of the enqueuer between them.
    for (let n = 0; n < 16; n++) {
      on.pass(120_000)
      await on.tick(14)
    }
    expect(await counts('sample-failed')).toMatchObject({ queued: 0, failed: 4, done: 1069 })
    expect((await on.snapshot()).systems[0]?.results).toMatchObject({ value: { failed: 23 + 16 } })
    const finding = await find('timeout-below-duration')
    const { receipt } = await on.press(finding, finding.remedies[0] as never)
    expect(receipt.summary).toMatch(/worker was recreated/)
    await on.act({ action: 'retry-jobs', system: 'sample-failed' })
    for (let n = 0; n < 6; n++) {
      on.pass(120_000)
      await on.tick(2)
    }
    expect(await counts('sample-failed')).toMatchObject({ queued: 0, running: 0, failed: 0, done: 1073 })
  })

  it('runbook 2: a purged queue is refilled and the receipt says so; the second scheduler can be stopped', async () => {
    await on.fresh('queue-cleanup')
    const { receipt } = await on.act({ action: 'purge-queue', system: 'sample-queue' })
    expect(receipt).toMatchObject({ count: 77, watch: { state: 'watching' }, undoable: true })
    on.pass(120_000)
    await on.tick(1)
    await expect.poll(() => on.core.receipts(1, null)[0]?.watch?.state, { timeout: 10_000 }).toBe('came')
    await on.act({ action: 'stop-service', system: 'sample-queue', target: ['beat-old'] })
    await on.act({ action: 'purge-queue', system: 'sample-queue' })
    for (let n = 0; n < 3; n++) {
      on.pass(120_000)
      await on.tick(1)
    }
    expect((await on.findings()).map(({ rule }) => rule)).not.toContain('two-schedulers')
  })

  it('runbook 3: a run that was started anew completes once the worker is free', async () => {
    await on.fresh('stuck-runs')
    const before = await counts('sample-crawl')
    for (const rule of ['run-never-started', 'parent-not-finalized'] as const) {
      const finding = await find(rule)
      await on.press(finding, finding.remedies[0] as never)
    }
    const working = (await on.findings()).find(({ key }) => key.endsWith(':working')) as Finding
    await on.press(working, working.remedies[0] as never)
    await on.tick(25)
    expect(await counts('sample-crawl')).toEqual({
      ...{ queued: 0, running: before.running - 2, done: before.done + 4, failed: 1, skipped: 0 },
    })
  })

  it('runbook 4: both wire shapes recover, each stage by its own remedy', async () => {
    await on.fresh('stuck-qc')
    const drive = (await on.findings()).find(({ headline }) => headline.includes('17 %')) as Finding
    await on.press(drive, drive.remedies[0] as never)
    await on.act({ action: 'trigger-worker', system: 'sample-qc' })
    await on.act({ action: 'cancel-stuck', system: 'sample-masters' })
    await on.tick(40)
    // What was cancelled in one sweep is worth a word, and nothing else is left.
    const rules = async () => (await on.findings()).map(({ rule }) => rule)
    await expect.poll(rules, { timeout: KEPT_MS }).toEqual(['failed-together'])
    const both = async () => [await counts('sample-qc'), await counts('sample-masters')]
    await expect.poll(both, { timeout: KEPT_MS }).toMatchObject([
      { queued: 0, running: 0, done: 6, failed: 1 },
      { queued: 0, running: 0, done: 1, failed: 3 },
    ])
  })
})

describe('leaving', () => {
  it('removes systems, database and receipts, and nothing of the person’s own', async () => {
    on.own.append({ ...(await realReceipt()) }, '')
    await on.fresh('failed-tasks')
    await on.act({ action: 'retry-jobs', system: 'sample-failed' })
    expect(on.core.receipts(10, null).map(({ system }) => system)).toEqual(['sample-failed', 'local'])
    const databases = async () => {
      const { rows } = await (await on.admin()).query<{ datname: string }>('SELECT datname FROM pg_database')
      return rows.map(({ datname }) => datname).filter((name) => name.startsWith('unjam_sample'))
    }
    expect(await databases()).toEqual(['unjam_sample_failed_tasks'])
    await on.samples.stop()
    expect(await databases()).toEqual([])
    expect(on.core.receipts(10, null).map(({ system }) => system)).toEqual(['local'])
    expect((await on.snapshot()).systems.map(({ id }) => id)).toEqual(['local'])
    expect(on.samples.list().every(({ running, systems }) => !running && systems.length === 0)).toBe(true)
  })

  it('two clicks make one sample, and another name replaces it', async () => {
    await Promise.all([on.samples.start('stuck-qc'), on.samples.start('stuck-qc'), on.samples.start('stuck-runs')])
    expect(on.samples.systems().map(({ id }) => id)).toEqual(['sample-crawl'])
    await on.samples.stop()
    const gone = on.core.preview({ action: 'retry-jobs', system: 'sample-crawl', target: 'all', params: {} }, signal)
    expect((await failureOf(gone)).kind).toBe('missing')
  })
})

async function realReceipt() {
  await on.fresh('failed-tasks')
  const { receipt } = await on.act({ action: 'retry-jobs', system: 'sample-failed' })
  return { ...receipt, id: 'own', system: 'local', at: new Date(0).toISOString() }
}
