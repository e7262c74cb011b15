// A worker's log as Celery 5.2 really wrote it, read into attempts, steps, durations and causes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Stack } from '../../electron/core/ports/stack.ts'
import { readWorkerLog } from '../../electron/core/read-worker-log.ts'
import { emptyLog, factsOf, type LoggedLine, readLog, withSteps } from '../../electron/core/worker-log.ts'
import { readLogLine } from '../../electron/core/worker-log-line.ts'

const NAME = 'app.worker.tasks.process_recording'
const first = 'c85b90e2-c37c-4267-944d-f4559a326e29'
const second = 'ab167b5a-39b5-4608-bb90-c409c36b142b'
const start = Date.parse('2026-02-04T16:43:00.000Z')
const lines = (text: string, container = 'c1'): LoggedLine[] =>
  text
    .trim()
    .split('\n')
    .map((line, i) => ({ at: new Date(start + i * 1000).toISOString(), container, level: 'info', text: line }))
const at = (level: string, process: string, message: string) =>
  `[2026-02-04 16:43:10,571: ${level}/${process}] ${message}`
const read = (text: string, log = emptyLog) => readLog(log, lines(text))
const attempt = (log: ReturnType<typeof read>, task: string) => log.attempts.get(task)

const working = `
${at('INFO', 'MainProcess', 'w1@vm ready.')}
${at('INFO', 'MainProcess', `Task ${NAME}[t1] received`)}
${at('INFO', 'MainProcess', `Task ${NAME}[t2] received`)}
${at('INFO', 'ForkPoolWorker-2', `${NAME}[t1]: Processing recording ${first}`)}
${at('INFO', 'ForkPoolWorker-2', 'Transcribing audio…')}
${at('INFO', 'ForkPoolWorker-2', 'Processing audio with duration 01:03:00.882')}
${at('WARNING', 'ForkPoolWorker-2', 'printed line')}`

test('runbook 0: the task in hand, its recording, its step and its 63 minutes', () => {
  expect(attempt(read(working), 't1')).toMatchObject({
    name: NAME,
    job: first,
    outcome: 'running',
    audioMs: 3_780_882,
    steps: [
      { text: `Processing recording ${first}` },
      { text: 'Transcribing audio…' },
      { text: /^Processing audio/ },
    ].map(({ text }) => ({ text: typeof text === 'string' ? text : expect.stringMatching(text) })),
    error: null,
  })
  expect(attempt(read(working), 't2')).toMatchObject({ outcome: 'waiting', job: null, steps: [] })
})

test("the words of Unjam's own stack: which recording, and what is being done", () => {
  const log = read(`
${at('INFO', 'MainProcess', `Task ${NAME}[t1] received`)}
${at('INFO', 'ForkPoolWorker-1', `${NAME}[t1]: Recording ${first}, task t1: attempt 1, Call 5454.m4a`)}
${at('INFO', 'ForkPoolWorker-1', `${NAME}[t1]: Transcribing audio…`)}`)
  expect(attempt(log, 't1')).toMatchObject({ job: first, outcome: 'running' })
  expect(attempt(log, 't1')?.steps.map(({ text }) => text)).toEqual(['Transcribing audio…'])
})

test('in batches of one line it knows the same as in one', () => {
  const all = lines(working)
  expect(all.reduce((log, line) => readLog(log, [line]), emptyLog)).toEqual(readLog(emptyLog, all))
})

test('ends: succeeded, retried, revoked, and the cause at the end of a traceback', () => {
  const log = read(`${working}
${at('INFO', 'ForkPoolWorker-2', `Task ${NAME}[t1] succeeded in 0.02001285000005737s: {'ok': True}`)}
${at('INFO', 'ForkPoolWorker-2', `${NAME}[t2]: Processing recording ${second}`)}
${at('ERROR', 'ForkPoolWorker-2', `Task ${NAME}[t2] raised unexpected: ExceptionWithTraceback()`)}
Traceback (most recent call last):
  File "/app/worker/tasks.py", line 13, in process_recording
    if mode == 'fail': raise ValueError('not audio: two\\nlines')
billiard.einfo.ExceptionWithTraceback:
"""
Traceback (most recent call last):
  File "/app/worker/tasks.py", line 13, in process_recording
ValueError: not audio: two
lines
"""
${at('INFO', 'ForkPoolWorker-1', `Task ${NAME}[t3] retry: Retry in 1s: ValueError('x')`)}
${at('INFO', 'MainProcess', `Discarding revoked task: ${NAME}[t4]`)}`)
  expect(attempt(log, 't1')).toMatchObject({ outcome: 'done', job: first, error: null })
  expect(attempt(log, 't2')).toMatchObject({ outcome: 'failed', job: second, error: 'ValueError: not audio: two' })
  expect(attempt(log, 't3')).toMatchObject({ outcome: 'retried', error: "ValueError('x')" })
  expect(attempt(log, 't4')).toMatchObject({ outcome: 'cancelled' })
  expect(factsOf(log).failures).toEqual([{ job: second, error: 'ValueError: not audio: two' }])
})

test('runbook 1: a hard time limit names its task, and the killed process speaks for nobody any more', () => {
  const log = read(`${working}
${at('ERROR', 'MainProcess', 'Task handler raised error: TimeLimitExceeded(1800)')}
Traceback (most recent call last):
billiard.exceptions.TimeLimitExceeded: TimeLimitExceeded(1800,)
${at('ERROR', 'MainProcess', `Hard time limit (1800s) exceeded for ${NAME}[t1]`)}
${at('ERROR', 'MainProcess', "Process 'ForkPoolWorker-2' pid:10701 exited with 'signal 9 (SIGKILL)'")}
${at('INFO', 'MainProcess', `Task ${NAME}[t1] received`)}`)
  expect(attempt(log, 't1')).toMatchObject({ outcome: 'waiting', job: first, error: 'TimeLimitExceeded(1800)' })
  expect(factsOf(log).failures).toEqual([{ job: first, error: 'TimeLimitExceeded(1800)' }])
  const again = readLog(log, lines(at('INFO', 'ForkPoolWorker-3', `${NAME}[t1]: Processing recording ${first}`)))
  expect(attempt(again, 't1')).toMatchObject({ outcome: 'running', error: null })
})

test('a retry whose new message was received before the old run said so begins anew', () => {
  const log = read(`${working}
${at('INFO', 'MainProcess', `Task ${NAME}[t1] received`)}
${at('INFO', 'ForkPoolWorker-2', `Task ${NAME}[t1] retry: Retry in 1s: ValueError('x')`)}
${at('INFO', 'ForkPoolWorker-2', `${NAME}[t1]: Processing recording ${first}`)}`)
  expect(attempt(log, 't1')).toMatchObject({ outcome: 'running', error: null, steps: [{}] })
})

test('a restarted worker and a process killed from outside leave attempts behind as lost', () => {
  expect(attempt(read(`${working}\n${at('INFO', 'MainProcess', 'w1@vm ready.')}`), 't1')?.outcome).toBe('lost')
  const killed = `Process 'ForkPoolWorker-2' pid:7 exited with 'signal 9 (SIGKILL)'`
  expect(attempt(read(`${working}\n${at('ERROR', 'MainProcess', killed)}`), 't1')).toMatchObject({
    outcome: 'lost',
    error: 'its process ended with signal 9 (SIGKILL)',
  })
})

test('lines that name no task belong to the only open one, and to nobody when there are two', () => {
  const received = (task: string) => at('INFO', 'MainProcess', `Task ${NAME}[${task}] received`)
  const plain = at('INFO', 'ForkPoolWorker-1', 'Processing audio with duration 03:07.500')
  expect(attempt(read(`${received('a')}\n${plain}`), 'a')).toMatchObject({ outcome: 'running', audioMs: 187_500 })
  const two = read(`${received('a')}\n${received('b')}\n${plain}`)
  expect([...two.attempts.values()].map(({ audioMs }) => audioMs)).toEqual([null, null])
  const other = readLog(read(received('a')), [{ at: null, container: 'c2', level: 'info', text: plain }])
  expect(attempt(other, 'a')?.audioMs).toBeNull()
})

test('running jobs learn their audio and step; what the worker itself tells stays', () => {
  const base = {
    system: 'office',
    id: first,
    title: 'a.m4a',
    audioMs: null,
    retryCount: 0,
    createdAt: null,
    state: 'running' as const,
    phase: 'active' as const,
    startedAt: null,
    elapsedMs: null,
    heartbeatAgeMs: null,
    worker: null,
    progress: null,
  }
  const [job, stranger] = withSteps([base, { ...base, id: second }], read(working))
  expect(job).toMatchObject({
    audioMs: 3_780_882,
    progress: { audioTotalMs: 3_780_882, audioDoneMs: null, step: expect.stringMatching(/^Processing audio/) },
  })
  expect(stranger).toEqual({ ...base, id: second })
})

describe('whatever the text', () => {
  test('no line throws, and none takes long', () => {
    const parts = fc.constantFrom(
      '[2026-02-04 16:43:10,571: INFO/ForkPoolWorker-1] ',
      'Task ',
      NAME,
      '[t1]',
      ' received',
      ': ',
      'duration 1:02:03',
      '…',
      'Error: ',
      '"""',
      '\n',
      "recording_id='5'",
      '(',
      'a'.repeat(5000),
    )
    const text = fc.array(fc.oneof(parts, fc.string()), { maxLength: 12 }).map((all) => all.join(''))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        // Processor time: a busy machine may let this process wait for longer than that.
        const before = process.cpuUsage()
        readLog(
          emptyLog,
          texts.map((line) => ({ at: null, container: 'c', level: 'info', text: line })),
        )
        const { user, system } = process.cpuUsage(before)
        return user + system < 500_000
      }),
    )
  })
  test('memory is bounded, and the running ones stay longest', () => {
    const many = Array.from({ length: 700 }, (_, i) => [
      at('INFO', 'MainProcess', `Task ${NAME}[x${i}] received`),
      ...(i === 0 ? [] : [at('INFO', 'ForkPoolWorker-9', `Task ${NAME}[x${i}] succeeded in 1s: None`)]),
    ])
    const log = readLog(read(working), lines(many.flat().join('\n')))
    expect(log.attempts.size).toBe(500)
    expect(attempt(log, 't1')?.outcome).toBe('running')
    expect(attempt(log, 'x1')).toBeUndefined()
  })
  test('recordings are named by uuid or number', () => {
    const job = (message: string) => {
      const event = readLogLine(at('INFO', 'ForkPoolWorker-1', message))
      return event.kind === 'said' ? event.job : null
    }
    expect(job(`Processing recording ${first.toUpperCase()}`)).toBe(first)
    expect(job("recording_id='4711' claimed")).toBe('4711')
    expect(job('3 recordings enqueued')).toBeNull()
  })
})

test('the reader goes on where it stopped; one service away delays none, all away is a failure', async () => {
  const asked: (string | null)[] = []
  let away = false
  const stack: Pick<Stack, 'logs'> = {
    async logs({ service, cursor }) {
      if (away || service === 'gone') throw new Error(`${service} is away`)
      asked.push(cursor ?? null)
      return {
        lines: cursor === null ? lines(working).map((l) => ({ ...l, level: 'info' as const })) : [],
        cursor: 'next',
      }
    },
  }
  const reader = readWorkerLog(stack as Stack, 'office', ['worker', 'gone'])
  expect((await reader.read(AbortSignal.timeout(1000))).attempts.size).toBe(2)
  expect((await reader.read(AbortSignal.timeout(1000))).attempts.size).toBe(2)
  expect(asked).toEqual([null, 'next'])
  away = true
  await expect(reader.read(AbortSignal.timeout(1000))).rejects.toThrow('away')
})

test('keeps the last error lines, cut, whatever task they belong to', () => {
  const wrong = { at: null, container: 'c1', level: 'error' as const, text: 'x'.repeat(1000) }
  const fine = { ...wrong, level: 'warn' as const }
  const { errors } = readLog(readLog(emptyLog, [wrong, fine]), [{ ...wrong, text: 'last' }])
  expect(errors.map(({ text }) => text)).toEqual(['x'.repeat(300), 'last'])
})
