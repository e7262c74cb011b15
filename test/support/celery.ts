// Real Celery for a test: workers and beat as processes of Debian's python3-celery, stopped, killed or frozen.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type EngineProcess, startProcess } from './child-process.ts'

const run = promisify(execFile)
const PYTHON = '/usr/bin/python3'

export interface CeleryOptions {
  /** redis://… (`TestRedis.celeryUrl()`). */
  readonly broker: string
  /** Result backend; default the broker, null for none. */
  readonly results?: string | null
  /** Folder on PYTHONPATH and the app's module in it. Default: test/support/celery-app, `tasks`. */
  readonly folder?: string
  readonly app?: string
  readonly env?: Readonly<Record<string, string>>
}
export interface WorkerOptions extends CeleryOptions {
  /** `name@host`; a name without @ gets `@unjam`. Default `w1@unjam`. */
  readonly name?: string
  readonly queues?: readonly string[]
  readonly concurrency?: number
  readonly pool?: 'prefork' | 'solo' | 'threads'
  readonly args?: readonly string[]
}

export interface TestWorker {
  /** As the broker knows it. */
  readonly name: string
  readonly pid: number
  log(): string
  said: EngineProcess['said']
  running(): boolean
  readonly ended: EngineProcess['ended']
  /** SIGSTOP to the worker and its children; its connections stay open. */
  freeze(): void
  resume(): void
  /** Warm shutdown, and a kill where a task does not end in `graceMs` (default 3000). */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL to the worker and its children. */
  kill(): Promise<void>
}

export type TestBeat = Omit<TestWorker, 'name'>

/** Ready to take tasks and control messages when this resolves (about 1 s). */
export async function celeryWorker(options: WorkerOptions): Promise<TestWorker> {
  const name = options.name ?? 'w1'
  const full = name.includes('@') ? name : `${name}@unjam`
  const child = startProcess(
    PYTHON,
    [
      ...celery(options),
      'worker',
      // It would wait a second for neighbours at every start.
      '--without-mingle',
      ...['--hostname', full, '--loglevel', 'INFO', '--pool', options.pool ?? 'prefork'],
      ...['--concurrency', String(options.concurrency ?? 1)],
      ...(options.queues === undefined ? [] : ['--queues', options.queues.join(',')]),
      ...(options.args ?? []),
    ],
    { env: environment(options) },
  )
  await child.said(/ ready\.\n/)
  return {
    name: full,
    pid: child.pid,
    log: child.log,
    said: child.said,
    running: child.running,
    ended: child.ended,
    freeze: () => child.signal('SIGSTOP', 'group'),
    resume: () => child.signal('SIGCONT', 'group'),
    stop: (graceMs = 3000) => child.stop(graceMs),
    kill: child.kill,
  }
}

/** Beat with a schedule file of its own. The interval of the test app is its ENQUEUE_SECONDS. */
export async function celeryBeat(options: CeleryOptions): Promise<TestBeat> {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-test-beat-'))
  const child = startProcess(
    PYTHON,
    [...celery(options), 'beat', '--loglevel', 'INFO', '--pidfile=', '--schedule', join(folder, 'schedule')],
    { env: environment(options) },
  )
  void child.ended.then(() => rmSync(folder, { recursive: true, force: true }))
  await child.said(/beat: Starting\.\.\.\n/)
  return {
    pid: child.pid,
    log: child.log,
    said: child.said,
    running: child.running,
    ended: child.ended,
    freeze: () => child.signal('SIGSTOP', 'group'),
    resume: () => child.signal('SIGCONT', 'group'),
    stop: (graceMs = 3000) => child.stop(graceMs),
    kill: child.kill,
  }
}

export interface Call {
  readonly task: string
  readonly args?: readonly unknown[]
  readonly kwargs?: Readonly<Record<string, unknown>>
  /** Of `send_task`: queue, priority, countdown, expires, task_id, serializer, time_limit… */
  readonly options?: Readonly<Record<string, unknown>>
  /** How often. */
  readonly times?: number
}

/** Sends messages as a real producer does (about 0.5 s, then 5000/s); answers with their task ids in order. */
export async function celerySend(options: CeleryOptions, ...calls: readonly Call[]): Promise<string[]> {
  const program = [
    'import importlib, json, sys',
    `app = importlib.import_module(${JSON.stringify(options.app ?? 'tasks')}).app`,
    'ids = []',
    'with app.producer_pool.acquire(block=True) as producer:',
    '  for c in json.loads(sys.argv[1]):',
    '    for _ in range(c.get("times", 1)):',
    '      ids.append(app.send_task(c["task"], c.get("args"), c.get("kwargs"), producer=producer, **c.get("options", {})).id)',
    'print(json.dumps(ids))',
  ].join('\n')
  const stdout = await celeryPython(options, program, JSON.stringify(calls))
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as string[]
}

/** Runs a Python program with the app on its path; what it prints. @throws when it fails. */
export async function celeryPython(options: CeleryOptions, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(PYTHON, ['-c', program, ...args], { env: environment(options), maxBuffer: 1 << 28 })
  return stdout
}

/** The `celery` command itself: `celeryCommand(options, 'inspect', 'ping')`; what it prints, whatever its exit code. */
export async function celeryCommand(options: CeleryOptions, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(PYTHON, [...celery(options), ...args], { env: environment(options) })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}`
  }
}

function celery(options: CeleryOptions): string[] {
  return ['-m', 'celery', '--app', options.app ?? 'tasks']
}

function environment(options: CeleryOptions): NodeJS.ProcessEnv {
  const results = options.results === undefined ? options.broker : options.results
  return {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    LANG: 'C.UTF-8',
    // The suites run against another Celery than Debian's where UNJAM_TEST_PYTHONPATH has one.
    PYTHONPATH: [process.env.UNJAM_TEST_PYTHONPATH, options.folder ?? join(import.meta.dirname, 'celery-app')]
      .filter(Boolean)
      .join(':'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    // Root runs the tests in CI.
    C_FORCE_ROOT: '1',
    BROKER_URL: options.broker,
    RESULT_URL: results ?? '',
    ...options.env,
  }
}
