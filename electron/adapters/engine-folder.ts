// Where the whisper.cpp program lies, what it was built from, and whether it is the right one for this machine.
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

/** What a built engine says about itself, beside it in engine.json. A prebuilt one has no such file. */
export interface EngineStamp {
  /** whisper.cpp's version and the options it was built with: another recipe, another build. */
  readonly recipe: string
  /** Built for exactly this processor (GGML_NATIVE); on another one it may end with an illegal instruction. */
  readonly processor: string
}

export const stampName = 'engine.json'

/** Static, so that one file is the whole engine; nothing that needs a library this machine may not have. */
export const buildOptions = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DWHISPER_BUILD_TESTS=OFF',
  '-DWHISPER_BUILD_SERVER=OFF',
  '-DWHISPER_SDL2=OFF',
  '-DWHISPER_CURL=OFF',
]

export function engineFolder(root: string): string {
  return join(root, 'resources', 'whisper', `${process.platform}-${process.arch}`)
}

export function engineName(): string {
  return process.platform === 'win32' ? 'whisper-cli.exe' : 'whisper-cli'
}

export function sourceFolder(root: string): string {
  return join(root, 'node_modules', 'nodejs-whisper', 'cpp', 'whisper.cpp')
}

/** The version of the whisper.cpp source, or null where there is none. */
export function sourceVersion(root: string): string | null {
  try {
    const text = readFileSync(join(sourceFolder(root), 'CMakeLists.txt'), 'utf8')
    return /project\("whisper\.cpp" VERSION ([\d.]+)\)/.exec(text)?.[1] ?? 'unknown'
  } catch {
    return null
  }
}

/** What a build of this source on this machine will be stamped with; null where there is no source. */
export function wantedStamp(root: string): EngineStamp | null {
  const version = sourceVersion(root)
  if (version === null) return null
  return { recipe: [version, ...buildOptions].join(' '), processor: cpus()[0]?.model ?? process.arch }
}

export function readStamp(root: string): EngineStamp | null {
  try {
    return JSON.parse(readFileSync(join(engineFolder(root), stampName), 'utf8')) as EngineStamp
  } catch {
    return null
  }
}

/**
 * The engine that may be used as it is, or null. A prebuilt one (no stamp) always may; a built one only when it was
 * built from this source for this processor, unless there is no source to build another from.
 */
export function findEngine(root: string): string | null {
  const path = join(engineFolder(root), engineName())
  if (!existsSync(path)) return null
  const is = readStamp(root)
  const wanted = wantedStamp(root)
  if (is === null || wanted === null) return path
  return is.recipe === wanted.recipe && is.processor === wanted.processor ? path : null
}
