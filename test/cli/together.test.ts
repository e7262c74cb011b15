// Several processes on one data directory: at the same moment, attached to a host, and after a kill -9.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { freshDataDir, type ServingHost, serveApp } from '../support/serving-host.ts'
import { until } from '../support/until.ts'
import { AddShape, DiagnoseShape, FailureShape, JobsShape, PreviewShape, ReceiptShape, StatusShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const settings = { worker: { startWithApp: false } }
const folder = mkdtempSync(join(tmpdir(), 'unjam-together-'))
const data = freshDataDir(settings)
const recording = join(folder, 'call.m4a')
writeFileSync(recording, 'not really a recording')
afterAll(() => {
  for (const one of [folder, data]) rmSync(one, { recursive: true, force: true })
})
const postgresRuns = () => existsSync(join(data, 'postgres/18/data/postmaster.pid'))

test('two commands at the same moment on a directory that is not there yet both work', async () => {
  const [a, b, c] = await Promise.all([
    json(data, ['status'], StatusShape),
    json(data, ['add', recording], AddShape),
    json(data, ['receipts'], z.object({ receipts: z.array(ReceiptShape) })),
  ])
  expect(a.systems[0]?.counts.running).toBe(0)
  expect(b.added).toHaveLength(1)
  expect(c.receipts).toEqual([])
  expect((await json(data, ['jobs'], JobsShape)).jobs).toHaveLength(1)
  expect(postgresRuns()).toBe(false)
})

describe('a serving host', () => {
  let host: ServingHost

  test('prints one line with its address and answers commands that attach', async () => {
    host = await serveApp({ dataDir: data })
    expect(new URL(host.url).hostname).toBe('127.0.0.1')
    expect((await json(data, ['status'], StatusShape)).systems[0]?.counts.queued).toBe(1)
    await json(data, ['diagnose'], DiagnoseShape, 1)
    const preview = await json(data, ['act', 'skip-jobs', '--all'], PreviewShape)
    expect(preview.count).toBe(1)
    const receipt = await json(data, ['act', 'skip-jobs', '--all', '--yes'], ReceiptShape)
    await json(data, ['undo', receipt.id, '--yes'], ReceiptShape)
    expect((await json(data, ['jobs', '--state', 'queued'], JobsShape)).jobs).toHaveLength(1)
  })

  test('is named by a second one, with a fresh link, and stays what it is', async () => {
    const { code, stdout } = await unjam(['serve', '--data', data])
    expect(code).toBe(0)
    const [, link] = /^Unjam already runs on this data directory: (http:\S+)\n$/.exec(stdout) ?? []
    expect(new URL(link!).port).toBe(new URL(host.url).port)
    // Each link signs in one browser: the fresh one works, once.
    expect((await fetch(link!, { redirect: 'manual' })).status).toBe(303)
    expect((await fetch(link!, { redirect: 'manual' })).status).toBe(403)
    expect((await fetch(host.url, { redirect: 'manual' })).status).toBe(303)
  })

  test('a port that is taken is a sentence and leaves nothing behind', async () => {
    const other = freshDataDir(settings)
    const ran = await unjam(['serve', '--port', new URL(host.url).port, '--data', other, '--json'])
    expect(ran.code).toBe(4)
    expect(FailureShape.parse(JSON.parse(ran.stdout)).failure.kind).toBe('busy')
    expect(existsSync(join(other, 'run/endpoint.json'))).toBe(false)
    rmSync(other, { recursive: true, force: true })
  })

  test('killed with -9 it leaves nothing that the next command cannot use', async () => {
    const gone = new Promise((resolve) => host.process.once('close', resolve))
    host.process.kill('SIGKILL')
    await gone
    expect((await json(data, ['status'], StatusShape)).systems[0]?.counts.queued).toBe(1)
    expect(postgresRuns()).toBe(false)
  })

  test('started again it stops on SIGTERM with exit 0 and its database', async () => {
    host = await serveApp({ dataDir: data })
    await json(data, ['status'], StatusShape)
    expect(postgresRuns()).toBe(true)
    const closed = new Promise((resolve) => host.process.once('close', (code) => resolve(code)))
    host.process.kill('SIGTERM')
    expect(await closed).toBe(0)
    expect(postgresRuns()).toBe(false)
    expect(existsSync(join(data, 'run/browser.json'))).toBe(false)
    await until('it no longer answers', () =>
      fetch(host.url).then(
        () => false,
        () => true,
      ),
    )
  })
})

test('a corrupt settings file is set aside with a sentence, and the command works', async () => {
  const broken = freshDataDir()
  writeFileSync(join(broken, 'settings.json'), '{"worker": {"slots": ')
  const ran = await unjam(['receipts', '--json', '--data', broken])
  expect(ran.code).toBe(0)
  expect(ran.stderr).toMatch(/settings/)
  expect(JSON.parse(ran.stdout)).toEqual({ receipts: [] })
  rmSync(broken, { recursive: true, force: true })
})

test('a system that cannot be read is unknown, never zero: diagnose ends with 2', async () => {
  const configured = freshDataDir({
    systems: [
      { id: 'prod', kind: 'recordings', database: 'postgres://unjam:secret-word@127.0.0.1:1/none' },
      { id: 'checks', kind: 'qc', url: 'http://127.0.0.1:1', token: 'another-secret' },
    ],
  })
  const status = await json(configured, ['status'], StatusShape, 2)
  const nothing = { queued: null, running: null, done: null, failed: null, skipped: null }
  expect(status.systems).toMatchObject([
    { id: 'prod', counts: nothing, workers: null },
    { id: 'checks', counts: nothing, workers: null },
  ])
  const ran = await unjam(['diagnose', '--data', configured])
  expect(ran.code).toBe(2)
  expect(ran.stdout + ran.stderr).not.toMatch(/secret-word|another-secret/)
  expect(existsSync(join(configured, 'postgres'))).toBe(false)
  rmSync(configured, { recursive: true, force: true })
})
