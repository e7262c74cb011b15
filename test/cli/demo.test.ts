// `unjam demo` on a fresh machine: one line with an address, commands that work on the sample, and nothing left behind.
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { freshDataDir } from '../support/serving-host.ts'
import { DiagnoseShape, PreviewShape, ReceiptShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const data = freshDataDir({ worker: { startWithApp: false } })
afterAll(() => rmSync(data, { recursive: true, force: true }))
const program = join(import.meta.dirname, '../../electron/unjam.mjs')

test('serves an incident; diagnose says its verdict, act solves it, Ctrl-C ends all of it', async () => {
  const child = spawn(process.execPath, [program, 'demo', 'queue-cleanup', '--port', '0', '--data', data])
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const said = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  expect(said).toMatch(/^Sample “.+”\. Unjam is running: http:\/\/127\.0\.0\.1:\d+\//)
  const { findings } = await json(data, ['diagnose'], DiagnoseShape, 1)
  expect(findings[0]).toMatchObject({ rule: 'heartbeat-stale', system: 'sample-queue', severity: 'critical' })
  const act = ['act', 'deduplicate-queue', '--system', 'sample-queue']
  expect(await json(data, act, PreviewShape)).toMatchObject({ count: 27, undoable: true })
  expect(await json(data, [...act, '--yes'], ReceiptShape)).toMatchObject({ count: 27, system: 'sample-queue' })
  expect((await json(data, ['diagnose'], DiagnoseShape, 1)).findings.map(({ rule }) => rule)).not.toContain(
    'duplicate-messages',
  )
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(existsSync(join(data, 'postgres/18/data/postmaster.pid'))).toBe(false)
  expect(await json(data, ['receipts'], z.object({ receipts: z.array(ReceiptShape) }))).toEqual({ receipts: [] })
  const Samples = z.object({ samples: z.array(z.looseObject({ name: z.string(), running: z.boolean() })) })
  const { samples } = await json(data, ['demo', '--list'], Samples)
  expect(samples.map(({ running }) => running)).toEqual([false, false, false, false, false])
})

test('a name that is none is told with those there are', async () => {
  const { code, stderr } = await unjam(['demo', 'nonsense', '--data', data])
  expect(code).toBe(64)
  expect(stderr).toMatch(/There is no incident "nonsense"; there are stuck-at-1069, failed-tasks/)
  expect((await unjam(['demo', 'stuck-qc', '--list', '--data', data])).code).toBe(64)
})
