// Runs cmake: its progress as percent, its failures as sentences, its whole process tree ended on request.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, FailureError } from '../contract/failure.ts'

export interface CmakeRun {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  onLine(line: string): void
}

const tried = 'Build the whisper.cpp engine'

/** One cmake call. Throws a FailureError with what to install or do. */
export async function runCmake(args: readonly string[], { cwd, env, signal, onLine }: CmakeRun): Promise<void> {
  signal.throwIfAborted()
  const command = cmakeCommand(env)
  const child = spawn(command, [...args], {
    cwd,
    env: { ...env, LC_ALL: 'C', VSLANG: '1033' }, // messages are matched below
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const end = () => killTree(child)
  signal.addEventListener('abort', end, { once: true })
  const said: string[] = []
  const take = (line: string) => {
    said.push(line)
    if (said.length > 400) said.shift()
    onLine(line)
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      lines(child, take)
      child.once('error', reject)
      child.once('close', resolve)
    })
    signal.throwIfAborted()
    if (code !== 0) throw new FailureError(explain(said.join('\n'), code))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new FailureError(missing('cmake is not installed'), { cause: error })
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function lines(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (part: string) => {
      const all = `${rest}${part}`.split('\n')
      rest = all.pop() ?? ''
      for (const line of all) take(line.trimEnd())
    })
    stream?.once('end', () => {
      if (rest !== '') take(rest)
    })
  }
}

function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return
  if (process.platform === 'win32') {
    execFile('taskkill', ['/pid', String(child.pid), '/t', '/f'], { timeout: 5000 }, () => child.kill())
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/** cmake on the path, or where its Windows installer and Visual Studio put it without telling the path. */
function cmakeCommand(env: NodeJS.ProcessEnv): string {
  if (process.platform !== 'win32') return 'cmake'
  const studio = 'Common7\\IDE\\CommonExtensions\\Microsoft\\CMake\\CMake\\bin\\cmake.exe'
  const known = [
    join(env.ProgramFiles ?? 'C:\\Program Files', 'CMake\\bin\\cmake.exe'),
    ...['BuildTools', 'Community', 'Professional', 'Enterprise'].map((edition) =>
      join(env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)', 'Microsoft Visual Studio\\2022', edition, studio),
    ),
  ]
  return known.find((path) => existsSync(path)) ?? 'cmake'
}

/** The one command that brings what a build needs, by platform. */
export function installCommand(platform: NodeJS.Platform = process.platform): string {
  switch (platform) {
    case 'win32':
      return 'winget install Kitware.CMake Microsoft.VisualStudio.2022.BuildTools --override "--quiet --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"'
    case 'darwin':
      return 'xcode-select --install; brew install cmake'
    default:
      return 'sudo apt-get install -y cmake g++ make'
  }
}

function missing(because: string): Failure {
  return { kind: 'missing', tried, on: 'whisper.cpp', because, remedy: `Install it with: ${installCommand()}` }
}

/** cmake's own messages, as far as an operator can do something about them. */
function explain(log: string, code: number | null): Failure {
  if (
    /No CMAKE_C(XX)?_COMPILER could be found|CMAKE_C(XX)?_COMPILER not set|could not find any instance of Visual Studio|is not able to compile a simple test program|C(XX)? compiler.*not found/i.test(
      log,
    )
  )
    return missing('no C++ compiler was found')
  if (/CMAKE_MAKE_PROGRAM is not set|unable to find a build program/i.test(log))
    return missing('no build tool was found')
  if (/No space left on device|disk full/i.test(log))
    return {
      kind: 'refused',
      tried,
      on: 'whisper.cpp',
      because: 'the disk is full',
      remedy: 'Free 300 MB in the temporary folder and build again.',
    }
  if (/Killed signal|out of memory|cannot allocate memory/i.test(log))
    return {
      kind: 'refused',
      tried,
      on: 'whisper.cpp',
      because: 'the compiler ran out of memory',
      remedy: 'Close other programs and build again.',
    }
  const last = log.split('\n').findLast((line) => /error/i.test(line)) ?? log.split('\n').at(-1) ?? ''
  return {
    kind: 'invalid',
    tried,
    on: 'whisper.cpp',
    because: `cmake ended with code ${code}: ${last.trim().slice(0, 300)}`,
    remedy: 'The whole output is in the log.',
  }
}

/** How far a line of make, ninja or MSBuild output says the build is, 0 to 100; null for any other line. */
export function percentOf(line: string): number | null {
  const make = /^\[ *(\d+)%\]/.exec(line)
  if (make !== null) return Number(make[1])
  const ninja = /^\[(\d+)\/(\d+)\]/.exec(line)
  return ninja === null ? null : Math.floor((Number(ninja[1]) * 100) / Math.max(1, Number(ninja[2])))
}
