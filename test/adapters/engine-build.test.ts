// The engine store: real cmake over a source of one file, so that locks, crashes and failures take seconds.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEngineStore, findEngine } from '../../electron/adapters/engine-build.ts'
import { percentOf } from '../../electron/adapters/engine-cmake.ts'
import { engineFolder, engineName } from '../../electron/adapters/engine-folder.ts'
import { FailureError } from '../../electron/contract/failure.ts'

let root: string
let source: string
const signal = new AbortController().signal

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unjam-root-'))
  source = join(root, 'node_modules/nodejs-whisper/cpp/whisper.cpp')
  await mkdir(source, { recursive: true })
  await writeSource('1.0.0')
  await writeFile(join(source, 'main.cpp'), 'int main() { return 0; }\n')
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

/** Every configuration leaves a line, so that builds can be counted. */
async function writeSource(version: string, extra = ''): Promise<void> {
  await writeFile(
    join(source, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.5)
project("whisper.cpp" C CXX)
project("whisper.cpp" VERSION ${version})
file(APPEND "${join(root, 'builds.txt')}" "one\\n")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR}/bin)
add_executable(whisper-cli main.cpp)
${extra}`,
  )
}
const sleep = (seconds: number) => `execute_process(COMMAND \${CMAKE_COMMAND} -E sleep ${seconds})\n`
const builds = () => readFileSync(join(root, 'builds.txt'), 'utf8').split('\n').length - 1
const configuring = () => expect.poll(() => existsSync(join(root, 'builds.txt')), { timeout: 30_000 }).toBe(true)
const binary = () => join(engineFolder(root), engineName())
const left = () => readdirSync(dirname(engineFolder(root))).filter((name) => !name.includes('.lock'))
function store(env?: NodeJS.ProcessEnv) {
  const log: string[] = []
  return { ...createEngineStore({ root, onLog: (line) => log.push(line), ...(env === undefined ? {} : { env }) }), log }
}
async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FailureError)
  return (error as FailureError).failure
}

describe('building', () => {
  test('shows its progress, leaves one program with its stamp, and is not done twice', async () => {
    const engines = store()
    expect(findEngine(root)).toBeNull()
    expect(engines.state()).toMatchObject({
      state: 'missing',
      failure: { because: 'it has not been built on this machine yet' },
    })
    const seen: string[] = []
    engines.onChange(() => {
      const now = engines.state()
      seen.push(now.state === 'building' ? `${now.state} ${now.step}` : now.state)
    })
    const [one, two] = await Promise.all([engines.ensure(signal), engines.ensure(signal)])
    expect([one, two]).toEqual([binary(), binary()])
    expect(new Set(seen)).toEqual(new Set(['building starting', 'building configuring', 'building compiling', 'ready']))
    expect(engines.state()).toEqual({ state: 'ready', path: binary(), version: '1.0.0' })
    expect(engines.log.join('\n')).toContain('Built target whisper-cli')
    const run = spawn(binary())
    expect(await once(run, 'exit')).toEqual([0, null])
    expect(left()).toEqual([`${process.platform}-${process.arch}`])
    await engines.ensure(signal)
    await store().ensure(signal)
    expect(builds()).toBe(1)
  })

  test('is done again for another source and for another processor, not for a prebuilt program', async () => {
    await store().ensure(signal)
    await writeSource('1.0.1')
    expect(findEngine(root)).toBeNull()
    await store().ensure(signal)
    expect(builds()).toBe(2)

    const stamp = join(engineFolder(root), 'engine.json')
    await writeFile(stamp, readFileSync(stamp, 'utf8').replace(/"processor": ".*"/, '"processor": "another one"'))
    expect(findEngine(root)).toBeNull()
    await rm(source, { recursive: true })
    expect(findEngine(root)).toBe(binary())
  })

  test('a prebuilt program is used as it is', async () => {
    await mkdir(engineFolder(root), { recursive: true })
    await writeFile(binary(), 'prebuilt')
    expect(await store().ensure(signal)).toBe(binary())
    expect(existsSync(join(root, 'builds.txt'))).toBe(false)
  })

  test('stops when everybody who waits has left, and only then', async () => {
    await writeSource('1.0.0', sleep(600))
    const engines = store()
    const [first, second] = [new AbortController(), new AbortController()]
    const one = engines.ensure(first.signal)
    const two = engines.ensure(second.signal)
    await configuring()
    first.abort(new Error('first leaves'))
    await expect(one).rejects.toThrow('first leaves')
    expect(engines.state()).toMatchObject({ state: 'building' })
    second.abort(new Error('second leaves'))
    await expect(two).rejects.toThrow('second leaves')
    await expect.poll(() => engines.state().state).toBe('missing')
    expect(left()).toEqual([])
    await writeSource('1.0.0')
    expect(await engines.ensure(signal)).toBe(binary())
  })
})

describe('two processes', () => {
  /** Another process that ensures the engine; prints its path, or dies before. */
  function other() {
    const script = `import { createEngineStore } from ${JSON.stringify(new URL('../../electron/adapters/engine-build.ts', import.meta.url).href)}
      console.log(await createEngineStore({ root: ${JSON.stringify(root)}, onLog() {} }).ensure(new AbortController().signal))`
    return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  }
  const said = async (child: ReturnType<typeof other>) => {
    const [text] = await Promise.all([child.stdout!.toArray(), once(child, 'exit')])
    return text.join('').trim()
  }

  test('never build at once: the later ones wait and take what the first made', async () => {
    await writeSource('1.0.0', sleep(1))
    const mine = store()
    const steps = new Set<string>()
    mine.onChange(() => {
      const now = mine.state()
      if (now.state === 'building') steps.add(now.step)
    })
    const first = other()
    await configuring()
    expect(await Promise.all([said(first), said(other()), mine.ensure(signal)])).toEqual([binary(), binary(), binary()])
    expect(builds()).toBe(1)
    expect([...steps].some((step) => step.startsWith('another Unjam process is building'))).toBe(true)
  })

  test('a builder that was killed does not keep the others out', async () => {
    await writeSource('1.0.0', sleep(3))
    const first = other()
    await configuring()
    first.kill('SIGKILL')
    await once(first, 'exit')
    await writeSource('1.0.0')
    expect(await store().ensure(signal)).toBe(binary())
    expect(builds()).toBe(2)
    expect(left()).toEqual([`${process.platform}-${process.arch}`])
  })
})

describe('what may be missing', () => {
  /** A PATH with only these programs in it. */
  async function only(...programs: string[]): Promise<NodeJS.ProcessEnv> {
    const bin = join(root, 'bin')
    await mkdir(bin)
    for (const program of programs) await symlink(join('/usr/bin', program), join(bin, program))
    return { PATH: bin }
  }

  test('cmake', async () => {
    const engines = store(await only())
    const failure = await failureOf(engines.ensure(signal))
    expect(failure).toMatchObject({
      kind: 'missing',
      because: 'cmake is not installed',
      remedy: expect.stringContaining('cmake'),
    })
    expect(engines.state()).toEqual({ state: 'missing', failure })
    expect(left()).toEqual([])
  })

  test('a compiler, a build tool', async () => {
    const failure = await failureOf(store(await only('cmake', 'make')).ensure(signal))
    expect(failure).toMatchObject({
      kind: 'missing',
      because: 'no C++ compiler was found',
      remedy: expect.stringContaining('Install it with: '),
    })
    await rm(join(root, 'bin'), { recursive: true })
    const noTool = await failureOf(store(await only('cmake', 'cc', 'c++', 'gcc', 'g++')).ensure(signal))
    expect(noTool).toMatchObject({ kind: 'missing', because: expect.stringMatching(/no build tool|no C\+\+ compiler/) })
  })

  test('the source', async () => {
    await rm(source, { recursive: true })
    expect(await failureOf(store().ensure(signal))).toMatchObject({
      kind: 'missing',
      because: 'neither the program nor its source is there',
    })
  })

  test('a source that does not compile is said with the compiler’s words, and the engine before it stays', async () => {
    await store().ensure(signal)
    await writeSource('1.0.1')
    await writeFile(join(source, 'main.cpp'), 'int main() { return undeclared; }\n')
    const failure = await failureOf(store().ensure(signal))
    expect(failure).toMatchObject({
      kind: 'invalid',
      because: expect.stringMatching(/cmake ended with code \d+: .*[Ee]rror/),
    })
    expect(existsSync(binary())).toBe(true)
    expect(left()).toEqual([`${process.platform}-${process.arch}`])
  })

  test('a folder that may not be written', async () => {
    await writeFile(join(root, 'resources'), 'a file where the folder should be')
    expect(await failureOf(store().ensure(signal))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('cannot be created'),
    })
    await chmod(join(root, 'resources'), 0o644)
  })
})

test('percent lines of make and ninja', () => {
  expect(percentOf('[ 42%] Building CXX object x.o')).toBe(42)
  expect(percentOf('[100%] Built target whisper-cli')).toBe(100)
  expect(percentOf('[3/12] Building CXX object x.o')).toBe(25)
  expect(percentOf('-- Detecting CXX compiler')).toBeNull()
})
