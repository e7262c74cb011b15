// The worker's supervisor against real processes that crash, hang, babble and refuse to stop.
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createWorkerControl } from '../../electron/adapters/whisper-process.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { RecordingsTable, WorkerConfig, type WorkerLine } from '../../electron/contract/worker-protocol.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folders = temporaryFolder()
const controls: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(controls.splice(0).map((control) => control.close()))
  folders.remove()
})

const quick = { firstRestartMs: 30, longestRestartMs: 100, resetAfterMs: 60_000, hungAfterMs: 400, readyWithinMs: 2000 }

function control(part: string, overrides: Partial<Parameters<typeof createWorkerControl>[0]> = {}) {
  const folder = folders.path()
  const lines: WorkerLine[] = []
  const made = createWorkerControl({
    node: process.execPath,
    entry: join(import.meta.dirname, '..', 'support', 'scripted-worker.mjs'),
    config: async () =>
      WorkerConfig.parse({
        database: 'postgresql://app:s3cret@127.0.0.1:1/unjam',
        table: RecordingsTable.parse({}),
        ...{ engine: '/e', model: '/m', language: part, slots: 1, threads: 1 },
        ...{ scratch: folder, children: join(folder, 'children') },
      }),
    onLine: (line) => lines.push(line),
    timing: quick,
    ...overrides,
  })
  controls.push(made)
  const texts = () => made.log(0, 1000).lines.map(({ text }) => text)
  return { control: made, lines, texts }
}

const alive = (pid: number | null) => {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('start and stop', () => {
  test('start resolves on ready; stop asks first and leaves no process', async () => {
    const { control: worker, texts, lines } = control('fine')
    const states: string[] = []
    worker.onChange(() => states.push(worker.state().state))
    await worker.start()
    const { pid } = worker.state()
    expect(worker.state()).toMatchObject({ state: 'running', because: null, restarts: 0 })
    expect(alive(pid)).toBe(true)
    await worker.stop()
    expect(worker.state()).toMatchObject({ state: 'stopped', pid: null, because: null })
    expect(alive(pid)).toBe(false)
    expect(texts()).toContain('got stop')
    expect(texts()).toContain(`Ready: 1 slot of 2 threads, model tiny.bin, process ${pid}.`)
    expect(lines.map(({ type }) => type)).toContain('ready')
    expect(states).toEqual(['starting', 'starting', 'running', 'draining', 'stopped'])
  })

  test('starting twice at once is one worker; stopping what does not run is nothing', async () => {
    const { control: worker, lines } = control('fine')
    await worker.stop()
    await Promise.all([worker.start(), worker.start(), worker.start()])
    await worker.start()
    expect(lines.filter(({ type }) => type === 'ready')).toHaveLength(1)
  })

  test('a worker that ignores stop is killed', async () => {
    const { control: worker } = control('ignores-stop', { timing: { ...quick, stopWithinMs: 100 } })
    await worker.start()
    const { pid } = worker.state()
    await worker.stop()
    expect(alive(pid)).toBe(false)
    expect(worker.state().state).toBe('stopped')
  })

  test('stopping while it starts: the start is told, and it can be started again', async () => {
    const { control: worker } = control('never-ready')
    const start = worker.start()
    const told = expect(start).rejects.toThrow('stopped meanwhile')
    await worker.stop()
    await told
    expect(worker.state().state).toBe('stopped')
  })

  test('the environment carries no NODE_OPTIONS, no secret and no argument with one', async () => {
    process.env.UNJAM_TEST_SECRET = 'hush'
    process.env.NODE_OPTIONS = '--no-deprecation'
    try {
      const { control: worker, texts } = control('environment')
      await worker.start()
      const environment = texts().find((text) => text.startsWith('environment')) ?? ''
      expect(environment).toContain('PATH')
      expect(environment).not.toMatch(/NODE_OPTIONS|UNJAM|hush/)
      expect(texts().join('\n')).not.toContain('s3cret')
    } finally {
      delete process.env.UNJAM_TEST_SECRET
      delete process.env.NODE_OPTIONS
    }
  })
})

describe('trouble', () => {
  test('a crash: says why, waits, starts again', async () => {
    const { control: worker, texts } = control('crash-once')
    const because: (string | null)[] = []
    worker.onChange(() => because.push(worker.state().because))
    await worker.start()
    await until('the second life', () => worker.state().state === 'running' && worker.state().restarts === 1)
    expect(because.find((one) => one !== null)).toBe(
      'Run the worker: it ended unexpectedly (exit code 3): out of luck. It is started again; its jobs go on after their last saved chunk.',
    )
    expect(texts()).toContain('out of luck')
  })

  test('crashes at every start are tried with growing pauses, and the start says so', async () => {
    const { control: worker } = control('crash-at-start')
    await expect(worker.start()).rejects.toThrow('exit code 139')
    await until('three restarts', () => worker.state().restarts >= 3)
    await worker.stop()
    const { restarts } = worker.state()
    expect(worker.state().state).toBe('stopped')
    expect(restarts).toBeLessThan(10)
  })

  test('no beat: killed as hung and started again', async () => {
    const { control: worker } = control('hang-once')
    await worker.start()
    const { pid } = worker.state()
    await until('the second life', () => worker.state().state === 'running' && worker.state().restarts === 1)
    expect(alive(pid)).toBe(false)
    expect(worker.log(0, 100).lines.some(({ text }) => text.includes('gave no sign of life'))).toBe(true)
  })

  test('one that babbles but is never ready is ended too', async () => {
    const { control: worker } = control('never-ready', { timing: { ...quick, readyWithinMs: 300 } })
    await expect(worker.start()).rejects.toThrow('it was not ready')
  })

  test('garbage on its output is logged as it is and harms nothing', async () => {
    const { control: worker, texts, lines } = control('garbage')
    await worker.start()
    expect(texts()).toEqual(expect.arrayContaining(['not json', '{"type":"unknown"}', '[1,2', '{"type":"beat"}']))
    expect(worker.state().state).toBe('running')
    expect(lines[0]?.type).toBe('ready')
  })

  test('a fatal word of its own is the reason it is blocked', async () => {
    const { control: worker } = control('fatal')
    await expect(worker.start()).rejects.toThrow('This file is not a model.')
    expect(worker.state()).toMatchObject({ state: 'blocked', restarts: 0 })
    expect(worker.state().because).toBe('Run the worker: This file is not a model.')
  })

  test('a configuration that cannot be made blocks with its sentence, and starts by itself once it can', async () => {
    let model = false
    const { control: worker } = control('fine', {
      async config() {
        if (!model)
          throw new FailureError({
            kind: 'missing',
            tried: 'Start the worker',
            on: '',
            because: 'there is no model yet',
            remedy: 'Download one.',
          })
        return WorkerConfig.parse({
          ...{ database: 'postgresql://x', table: RecordingsTable.parse({}), engine: '/e', model: '/m' },
          ...{ language: 'fine', slots: 1, threads: 1, scratch: folders.path(), children: folders.path() },
        })
      },
    })
    await expect(worker.start()).rejects.toThrow('there is no model yet')
    expect(worker.state()).toMatchObject({
      state: 'blocked',
      because: 'Start the worker: there is no model yet. Download one.',
    })
    model = true
    await until('it starts by itself', () => worker.state().state === 'running')
  })

  test('start does not wait for the pause after a failure', async () => {
    let model = false
    const { control: worker } = control('fine', {
      timing: { ...quick, firstRestartMs: 60_000, longestRestartMs: 60_000 },
      async config() {
        if (!model) throw new Error('not yet')
        return WorkerConfig.parse({
          ...{ database: 'postgresql://x', table: RecordingsTable.parse({}), engine: '/e', model: '/m' },
          ...{ language: 'fine', slots: 1, threads: 1, scratch: folders.path(), children: folders.path() },
        })
      },
    })
    await expect(worker.start()).rejects.toThrow('not yet')
    model = true
    await worker.start()
    expect(worker.state().state).toBe('running')
  })
})

describe('pause and log', () => {
  test('pause and resume reach it, and a pause outlives a crash', async () => {
    const { control: worker, lines } = control('fine')
    await expect(worker.pause()).rejects.toThrow('it does not run')
    await worker.start()
    await worker.pause()
    expect(worker.state().state).toBe('paused')
    const paused = () => lines.filter((line) => line.type === 'beat').at(-1)?.paused
    await until('a paused beat', () => paused() === true)
    const { pid } = worker.state()
    process.kill(pid ?? 0, 'SIGKILL')
    await until('paused again', () => worker.state().restarts === 1 && worker.state().state === 'paused')
    await until('a paused beat of the new one', () => paused() === true)
    await worker.resume()
    await until('a working beat', () => paused() === false)
    expect(worker.state().state).toBe('running')
  })

  test('the log keeps its last lines, and a cursor reads each once', async () => {
    const { control: worker } = control('fine', { logLimit: 5 })
    await worker.start()
    for (let i = 0; i < 4; i++) {
      await worker.pause()
      await worker.resume()
    }
    const first = worker.log(0, 3)
    expect(first.lines).toHaveLength(3)
    const rest = worker.log(first.cursor, 1000)
    const numbers = [...first.lines, ...rest.lines].map(({ n }) => n)
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i))
    expect(worker.log(rest.cursor, 10).lines.every(({ n }) => n > rest.cursor)).toBe(true)
    expect(worker.log(10_000, 10).lines.length).toBeGreaterThan(0)
  })
})
