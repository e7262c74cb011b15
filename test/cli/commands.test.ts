// Every command on a data directory where no core runs: shapes, exit codes, what changed and what did not.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { writeAudio } from '../support/audio.ts'
import { AddShape, DiagnoseShape, FailureShape, JobsShape, PreviewShape, ReceiptShape, StatusShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const folder = mkdtempSync(join(tmpdir(), 'unjam-cli-'))
const data = join(folder, 'data')
const files = join(folder, 'files')

beforeAll(async () => {
  mkdirSync(files)
  await writeAudio(join(files, 'tone one.wav'), [{ tone: 440, ms: 1500 }], { format: 'wav' })
  await writeAudio(join(files, 'zwei – “ü” 100%.wav'), [{ tone: 330, ms: 1200 }], { format: 'wav' })
  writeFileSync(join(files, 'notes.m4a'), 'this is text, not a recording')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const postgresRuns = () => existsSync(join(data, 'postgres/18/data/postmaster.pid'))
const queued = async () => (await json(data, ['jobs', '--state', 'queued'], JobsShape)).jobs

describe('a fresh data directory', () => {
  test('receipts, models and doctor say what they know and start no database', async () => {
    expect(await json(data, ['receipts'], z.object({ receipts: z.array(ReceiptShape) }))).toEqual({ receipts: [] })
    const Models = z.object({ models: z.array(z.looseObject({ name: z.string(), present: z.boolean() })) })
    const { models } = await json(data, ['models', 'list'], Models)
    expect(models.map(({ name }) => name)).toContain('base')
    expect(models.filter(({ present }) => present)).toEqual([])
    const Checks = z.object({
      checks: z.array(z.looseObject({ id: z.string(), state: z.string(), sentence: z.string() })),
    })
    const { checks } = await json(data, ['doctor'], Checks, 1)
    expect(checks.find(({ id }) => id === 'model')).toMatchObject({ state: 'missing' })
    for (const { sentence } of checks) expect(sentence).toMatch(/^\S.*\.$/)
    expect(existsSync(join(data, 'postgres'))).toBe(false)
  })

  test('status starts the database, counts nothing, and stops the database again', async () => {
    const status = await json(data, ['status'], StatusShape)
    expect(status.systems).toMatchObject([
      {
        id: 'local',
        kind: 'local',
        counts: { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 },
        queues: [],
        workers: [],
      },
    ])
    expect(existsSync(join(data, 'postgres/18'))).toBe(true)
    expect(postgresRuns()).toBe(false)
  })
})

describe('a queue', () => {
  test('add takes files and folders, and the same bytes only once', async () => {
    const first = await json(data, ['add', join(files, 'tone one.wav')], AddShape)
    expect(first).toMatchObject({ added: [{ title: 'tone one.wav' }], duplicates: [], refused: [] })
    const gone = await json(data, ['add', join(files, 'nobody.wav')], AddShape, 4)
    expect(gone).toMatchObject({ added: [], refused: [{ because: expect.stringMatching(/no file/) }] })
    const all = await json(data, ['add', files], AddShape)
    expect(all.added.map(({ title }) => title).sort()).toEqual(['notes.m4a', 'zwei – “ü” 100%.wav'])
    expect(all.duplicates).toMatchObject([{ title: 'tone one.wav' }])
  })

  test('jobs pages, searches literally and sorts; pages without a state go on where they ended', async () => {
    expect((await queued()).length).toBe(3)
    const found = await json(data, ['jobs', '--state', 'queued', '--search', '100%'], JobsShape)
    expect(found.jobs.map(({ title }) => title)).toEqual(['zwei – “ü” 100%.wav'])
    const first = await json(data, ['jobs', '--limit', '2', '--sort', 'title'], JobsShape)
    const second = await json(data, ['jobs', '--limit', '2', '--sort', 'title', `--cursor=${first.cursor}`], JobsShape)
    expect([...first.jobs, ...second.jobs].map(({ title }) => title)).toEqual([
      'notes.m4a',
      'tone one.wav',
      'zwei – “ü” 100%.wav',
    ])
    expect(second.cursor).toBeNull()
  })

  test('job shows one, and an id that is not there is refused with its sentence', async () => {
    const [one] = await queued()
    const Detail = z.looseObject({ job: z.looseObject({ id: z.string() }), attempts: z.array(z.unknown()) })
    expect((await json(data, ['job', one!.id], Detail)).job.id).toBe(one!.id)
    const { failure } = await json(data, ['job', '00000000-0000-4000-8000-000000000000'], FailureShape, 4)
    expect(failure.kind).toBe('missing')
  })

  test('diagnose finds that jobs wait and nobody works, with exit 1', async () => {
    const { findings } = await json(data, ['diagnose'], DiagnoseShape, 1)
    expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['no-model']))
  })
})

describe('an action', () => {
  test('is previewed, done with --yes, leaves a receipt, and is undone once', async () => {
    const before = await queued()
    const preview = await json(data, ['act', 'skip-jobs', '--ids', before[0]!.id], PreviewShape)
    expect(preview).toMatchObject({ action: 'skip-jobs', count: 1, undoable: true })
    expect((await queued()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    const receipt = await json(data, ['act', 'skip-jobs', '--ids', before[0]!.id, '--yes'], ReceiptShape)
    expect(receipt).toMatchObject({ action: 'skip-jobs', count: 1, undoable: true })
    expect((await queued()).map(({ id }) => id)).toEqual(before.slice(1).map(({ id }) => id))
    const { receipts } = await json(data, ['receipts'], z.object({ receipts: z.array(ReceiptShape) }))
    expect(receipts.map(({ id }) => id)).toEqual([receipt.id])
    expect(await json(data, ['undo', receipt.id], z.looseObject({ undone: z.null() }))).toMatchObject({
      id: receipt.id,
    })
    await json(data, ['undo', receipt.id, '--yes'], ReceiptShape)
    expect((await queued()).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort())
    const { failure } = await json(data, ['undo', receipt.id, '--yes'], FailureShape, 4)
    expect(failure.because).toMatch(/undone/)
  })

  test('with the fingerprint of a preview that is no longer true it is stale: exit 3, nothing written', async () => {
    const [one, two] = await queued()
    const ids = `${one!.id},${two!.id}`
    const { fingerprint } = await json(data, ['act', 'skip-jobs', '--ids', ids], PreviewShape)
    await json(data, ['act', 'skip-jobs', '--ids', one!.id, '--yes'], ReceiptShape)
    const stale = ['act', 'skip-jobs', '--ids', ids, '--yes', '--fingerprint', fingerprint]
    expect((await json(data, stale, FailureShape, 3)).failure.kind).toBe('stale')
    expect((await queued()).map(({ id }) => id)).toContain(two!.id)
  })

  test('that is not possible here is refused with exit 4', async () => {
    const { failure } = await json(data, ['act', 'start-worker', '--yes'], FailureShape, 4)
    expect(failure.because.length).toBeGreaterThan(0)
  })
})

describe('wrong usage', () => {
  test('ends with 64, a sentence and one document', async () => {
    const wrong = [
      ['jobs', '--state', 'pending'],
      ['act'],
      ['act', 'purge-everything'],
      ['act', 'skip-jobs', '--all', '--ids', 'a'],
      ['act', 'skip-jobs', '--param', 'longerThan'],
      ['models', 'burn'],
      ['worker', '--slots', 'many'],
      ['serve', '--port', 'http'],
      ['frobnicate'],
    ]
    const failures = await Promise.all(wrong.map((args) => json(data, args, FailureShape, 64)))
    for (const { failure } of failures)
      expect(failure).toMatchObject({ kind: 'invalid', because: expect.stringMatching(/\S/) })
  })

  test('without --json stdout stays empty and stderr has the usage', async () => {
    const { code, stdout, stderr } = await unjam(['jobs', '--stat', 'queued', '--data', data])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toMatch(/^Unknown option '--stat'\. Usage: unjam jobs .*\n$/)
  })
})

test('a system that the settings do not have is refused by name', async () => {
  const { failure } = await json(data, ['jobs', '--system', 'prod'], FailureShape, 4)
  expect(failure).toMatchObject({ kind: 'missing', on: 'prod' })
})

test('the database is at rest after all of this', () => {
  expect(postgresRuns()).toBe(false)
  expect(existsSync(join(data, 'run/endpoint.json'))).toBe(false)
  expect(readFileSync(join(data, 'history.sqlite')).length).toBeGreaterThan(0)
})
