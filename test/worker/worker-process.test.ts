// The worker as a process of its own: killed, orphaned, told over stdin; a second one goes on where it was.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WorkerConfig, WorkerLine } from '../../electron/contract/worker-protocol.ts'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { until } from '../support/until.ts'
import { type Stage, setStage } from './cast.ts'
import { configFor, hire, type Workplace, workplace } from './hired.ts'

let stage: Stage
let place: Workplace
const started: ChildProcess[] = []
beforeEach(async () => {
  stage = await setStage()
  place = workplace()
})
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  place.clear()
  await stage.drop()
})

function start(config: WorkerConfig | null, entry = 'test/worker/quick-main.ts') {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../..', entry)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started.push(child)
  const lines: WorkerLine[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)))
  if (config !== null) child.stdin!.write(`${JSON.stringify({ type: 'configure', config })}\n`)
  return { child, lines, exited: once(child, 'exit').then(([code]) => code as number | null) }
}

const alive = (pid: number) => {
  try {
    // A killed process that nobody has waited for yet is still a pid, but not alive.
    return process.kill(pid, 0) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
const words = everySecond(3)

describe('kill -9 in the middle of a long file', () => {
  test.each([
    ['the lease runs out', 'another machine'],
    ['the process is seen to be gone', 'this machine'],
  ])('%s, a second worker goes on and repeats at most the chunk in flight', async (_, where) => {
    const { engine, runs } = await scriptedEngine({ words, speed: 15 })
    const id = await stage.add('long', { file_path: await place.tone('long', 60) })
    const config = await configFor(place, stage.url, engine)
    const first = start(config)
    await until('two chunks are saved', () => first.lines.filter(({ type }) => type === 'chunk').length >= 2)
    await until('the third one runs', () => runs().length >= 3)
    first.child.kill('SIGKILL')
    await first.exited
    const saved = (await stage.attempts(id))[0]!.saved as number
    expect(saved).toBeGreaterThanOrEqual(2)
    expect(await stage.row(id)).toMatchObject({ status: 'processing', retries: 0 })
    if (where === 'another machine') await stage.rows(`UPDATE unjam.worker SET host = 'elsewhere'`)
    // A lease that only the process's end can shorten.
    else await stage.rows(`UPDATE unjam.lease SET expires_at = now() + interval '10 min'`)

    const second = hire({ ...config, drain: true })
    expect(await second.ended).toBe('drained')
    expect(second.said('started')).toMatchObject([{ attempt: 2, resumedChunks: saved }])
    expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
    const starts = runs().map(({ startMs }) => startMs)
    expect(new Set(starts)).toEqual(new Set([0, 10_000, 20_000, 30_000, 40_000, 50_000]))
    expect(starts.length).toBeLessThanOrEqual(7)
    expect(runs().filter(({ pid }) => alive(pid))).toEqual([])
    expect(await stage.attempts(id)).toMatchObject([{ outcome: 'lost', saved }, { outcome: 'done' }])
    const rows = await stage.rows<{ text: string }>('SELECT text FROM unjam.segment ORDER BY n')
    expect(rows.flatMap(({ text }) => text.split(' '))).toEqual(Array.from({ length: 60 }, (_, i) => `word${i}`))
    expect(place.leftovers()).toEqual({ scratch: [], children: [] })
  })
})

describe('over stdin and stdout', () => {
  test('the end of stdin is a stop: the job goes back, the engine is gone, exit 0', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 5 })
    const id = await stage.add('long', { file_path: await place.tone('long', 60) })
    const worker = start(await configFor(place, stage.url, engine), 'worker/main.ts')
    await until('the engine runs', () => runs().length === 1)
    worker.child.stdin!.end()
    expect(await worker.exited).toBe(0)
    expect(worker.lines.at(-1)).toEqual({ type: 'bye', reason: 'stopped', message: null })
    expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(runs().some(({ pid }) => alive(pid))).toBe(false)
  })

  test('drain exits 0 when the queue is empty, also when jobs failed; strange lines are left out', async () => {
    const { engine } = await scriptedEngine({ words })
    const id = await stage.add('gone', { file_path: '/nowhere.wav' })
    const worker = start({ ...(await configFor(place, stage.url, engine)), drain: true }, 'worker/main.ts')
    worker.child.stdin!.write('this is no command\n{"type":"look"}\n')
    expect(await worker.exited).toBe(0)
    expect(worker.lines.find(({ type }) => type === 'ready')).toMatchObject({ pid: worker.child.pid, slots: 1 })
    expect(worker.lines).toContainEqual({ type: 'log', level: 'warn', message: expect.stringContaining('no command') })
    expect(worker.lines.at(-1)).toEqual({ type: 'bye', reason: 'drained', message: null })
    expect(await stage.row(id)).toMatchObject({ status: 'failed' })
  })

  test('SIGTERM is a stop', async () => {
    const { engine } = await scriptedEngine({ words })
    const worker = start(await configFor(place, stage.url, engine), 'worker/main.ts')
    await until('it is ready', () => worker.lines.some(({ type }) => type === 'ready'))
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)
  })

  test('without a model it says so and exits 1; without a configuration, 64', async () => {
    const { engine } = await scriptedEngine({ words })
    const config = { ...(await configFor(place, stage.url, engine)), model: join(place.folder, 'none.bin') }
    const worker = start(config, 'worker/main.ts')
    expect(await worker.exited).toBe(1)
    expect(worker.lines).toEqual([{ type: 'bye', reason: 'fatal', message: expect.stringContaining('model file') }])
    const silent = start(null, 'worker/main.ts')
    silent.child.stdin!.end('{"type":"pause"}\n')
    expect(await silent.exited).toBe(64)
  })
})
