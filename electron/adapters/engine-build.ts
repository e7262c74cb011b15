// The whisper.cpp engine: found as it is, or built once on this machine, whoever asks first.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Failure, FailureError, toFailure } from '../contract/failure.ts'
import type { Engine } from '../contract/snapshot.ts'
import type { EngineStore } from '../core/ports/local.ts'
import { percentOf, runCmake } from './engine-cmake.ts'
import {
  buildOptions,
  engineFolder,
  engineName,
  findEngine,
  sourceFolder,
  sourceVersion,
  stampName,
  wantedStamp,
} from './engine-folder.ts'
import { tryLock } from './file-lock.ts'

export { findEngine } from './engine-folder.ts'

export interface EngineStoreOptions {
  /** The folder that holds `resources/` and, where engines can be built, `node_modules/`. */
  readonly root: string
  onLog(line: string): void
  /** The build's environment; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv
}

interface Building {
  readonly done: Promise<string>
  readonly stop: AbortController
  waiting: number
}

const notBuilt: Failure = {
  kind: 'missing',
  tried: 'Find the whisper.cpp engine',
  on: engineName(),
  because: 'it has not been built on this machine yet',
  remedy: 'Build it: it takes about two minutes and happens once.',
}

/** Finds or builds the engine under `root`. Two processes never build at once: the second waits and uses the first's. */
export function createEngineStore({ root, onLog, env = process.env }: EngineStoreOptions): EngineStore {
  const listeners = new Set<() => void>()
  let failure: Failure = notBuilt
  let progress: { percent: number; step: string } | null = null
  let building: Building | null = null
  let found: string | null = null

  /** Whether it fits the source is looked at once; that it is still there, every time: screens ask every second. */
  function find(): string | null {
    if (found === null || !existsSync(found)) found = findEngine(root)
    return found
  }

  function report(percent: number, step: string): void {
    if (progress?.percent === percent && progress.step === step) return
    progress = { percent, step }
    for (const listener of listeners) listener()
  }

  function begin(): Building {
    const stop = new AbortController()
    const done = build({ root, env, signal: stop.signal, onLog, report })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) failure = toFailure(error, notBuilt.tried)
        throw error
      })
      .finally(() => {
        building = null
        progress = null
        for (const listener of listeners) listener()
      })
    // Everybody who waits may have left; then nobody needs to hear of it.
    done.catch(() => undefined)
    return { done, stop, waiting: 0 }
  }

  return {
    state(): Engine {
      if (progress !== null) return { state: 'building', ...progress }
      const path = find()
      return path === null ? { state: 'missing', failure } : { state: 'ready', path, version: sourceVersion(root) }
    },
    async ensure(signal) {
      signal.throwIfAborted()
      const ready = building === null ? find() : null
      if (ready !== null) return ready
      building ??= begin()
      const mine = building
      mine.waiting++
      try {
        return await raceAbort(mine.done, signal)
      } finally {
        mine.waiting--
        if (mine.waiting === 0) mine.stop.abort(new Error('nobody waits for the engine any more'))
      }
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

interface Build {
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  onLog(line: string): void
  report(percent: number, step: string): void
}

/** Takes the lock, then looks again: whoever held it may have built what we want. */
async function build(options: Build): Promise<string> {
  const { root, signal, report } = options
  const folder = engineFolder(root)
  if (sourceVersion(root) === null)
    throw new FailureError({
      kind: 'missing',
      tried: notBuilt.tried,
      on: join(folder, engineName()),
      because: 'neither the program nor its source is there',
      remedy: 'Run npm ci, or install Unjam again.',
    })
  makeFolder(dirname(folder))
  report(0, 'starting')
  const said = `${folder}.progress`
  for (;;) {
    const lock = tryLock(`${folder}.lock`, 'exclusive')
    if (lock !== null) {
      try {
        return findEngine(root) ?? (await compile(options, folder, said))
      } finally {
        rmSync(said, { force: true })
        lock.release()
      }
    }
    const other = readProgress(said)
    report(other.percent, `another Unjam process is building: ${other.step}`)
    await delay(250, undefined, { signal })
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new FailureError(
      {
        kind: 'refused',
        tried: 'Build the whisper.cpp engine',
        on: folder,
        because: `the folder cannot be created (${(error as NodeJS.ErrnoException).code})`,
        remedy: 'Run Unjam once as a user who may write there, or put a prebuilt engine into it.',
      },
      { cause: error },
    )
  }
}

function readProgress(file: string): { percent: number; step: string } {
  try {
    const { percent, step } = JSON.parse(readFileSync(file, 'utf8')) as { percent: number; step: string }
    return { percent, step }
  } catch {
    return { percent: 0, step: 'starting' }
  }
}

/** Configures and compiles in a temporary folder, then puts program and stamp into place in one rename. */
async function compile({ root, env, signal, onLog, report }: Build, folder: string, said: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'unjam-whisper-'))
  let told = ''
  let noted: Promise<void> = Promise.resolve()
  const tell = (percent: number, step: string) => {
    report(percent, step)
    const now = JSON.stringify({ percent, step })
    if (now === told) return
    told = now
    // Only a courtesy to processes that wait: a build does not fail for it.
    noted = noted.then(() => writeFile(said, now)).catch((error: unknown) => onLog(String(error)))
  }
  let configured = 0
  const run = (args: readonly string[], onLine: (line: string) => void) =>
    runCmake(args, {
      cwd: work,
      env,
      signal,
      onLine(line) {
        onLog(line)
        onLine(line)
      },
    })
  try {
    tell(0, 'configuring')
    await run(['-S', sourceFolder(root), '-B', work, ...buildOptions], () => {
      configured = Math.min(9, configured + 1)
      tell(configured / 2, 'configuring')
    })
    const parallel = String(availableParallelism())
    await run(['--build', work, '--config', 'Release', '--target', 'whisper-cli', '-j', parallel], (line) => {
      const percent = percentOf(line)
      if (percent !== null) tell(5 + Math.floor(percent * 0.94), 'compiling')
    })
    // MSVC's generator puts configurations into folders of their own.
    const made = [join(work, 'bin', engineName()), join(work, 'bin', 'Release', engineName())].find(existsSync)
    if (made === undefined) throw new Error(`cmake succeeded without making ${engineName()}`)
    install(made, root, folder)
    return join(folder, engineName())
  } finally {
    await noted
    rmSync(work, { recursive: true, force: true })
  }
}

function install(made: string, root: string, folder: string): void {
  const fresh = `${folder}.new`
  const old = `${folder}.old`
  for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  copyFileSync(made, join(fresh, basename(made)))
  writeFileSync(join(fresh, stampName), `${JSON.stringify(wantedStamp(root), null, 2)}\n`)
  if (existsSync(folder)) renameSync(folder, old)
  renameSync(fresh, folder)
  rmSync(old, { recursive: true, force: true })
}
