// The doctor: everything Unjam needs on this machine, each as one sentence. It looks and starts nothing.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { findBinaries } from '../adapters/embedded-postgres-binaries.ts'
import { FailureError, sentence } from '../contract/failure.ts'
import type { Check } from '../contract/host.ts'
import type { EngineStore, ModelStore } from '../core/ports/local.ts'
import type { DataFolder } from './data-folder.ts'
import { desktopReady } from './desktop.ts'
import { onPath } from './install-compiler.ts'
import type { LocalDatabase } from './local-database.ts'

export interface DoctorParts {
  readonly folder: DataFolder
  readonly root: string
  readonly database: LocalDatabase
  readonly engine: EngineStore
  readonly models: ModelStore
  readonly model: () => string | null
}

type Finding = Pick<Check, 'state' | 'sentence'>
const ok = (text: string): Finding => ({ state: 'ok', sentence: text })
const missing = (text: string): Finding => ({ state: 'missing', sentence: text })
const later = (text: string): Finding => ({ state: 'later', sentence: text })

export function doctor(parts: DoctorParts): Check[] {
  const checks: Record<Check['id'], [title: string, look: () => Finding]> = {
    node: ['Node', node],
    data: ['Data directory', () => data(parts.folder)],
    database: ['Embedded database', () => database(parts.database)],
    compiler: ['Compiler', () => compiler(parts.engine)],
    engine: ['whisper.cpp', () => engine(parts.engine)],
    model: ['Model', () => model(parts.models, parts.model())],
    decoder: ['Audio decoder', decoder],
    desktop: ['Desktop window', () => desktop(parts.root)],
    browser: ['Browser interface', () => browser(parts.root)],
  }
  return Object.entries(checks).map(([id, [title, look]]) => ({ id: id as Check['id'], title, ...safely(look) }))
}

/** A check that itself fails is a missing part with its reason, never the end of the doctor. */
function safely(look: () => Finding): Finding {
  try {
    return look()
  } catch (error) {
    if (error instanceof FailureError) return missing(sentence(error.failure))
    return missing(`It could not be looked at: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

function node(): Finding {
  return ok(`Node ${process.versions.node} runs Unjam.`)
}

function data({ path, notices }: DataFolder): Finding {
  try {
    accessSync(path, constants.W_OK)
  } catch {
    // Not there or not ours: the sentence is the same, the remedy too.
    return missing(`${path} cannot be written; choose another with --data DIR or change its rights.`)
  }
  const { bavail, bsize } = statfsSync(path)
  const free = bavail * bsize
  const gigabytes = `${(free / 1e9).toFixed(1)} GB free`
  if (free < 1e9) return missing(`${path} has only ${gigabytes}; a model and its scratch files need more.`)
  if (notices.length > 0) return later(notices.join(' '))
  return ok(`${path} can be written, ${gigabytes}.`)
}

function database(local: LocalDatabase): Finding {
  findBinaries()
  return ok(local.running() ? 'Its Postgres runs.' : 'Its Postgres is installed and starts when it is first needed.')
}

function compiler(store: EngineStore): Finding {
  const has = (...names: string[]) => names.some((name) => onPath(name))
  const absent = [...(has('cmake') ? [] : ['cmake']), ...(has('c++', 'g++', 'clang++', 'cl') ? [] : ['a C++ compiler'])]
  if (absent.length === 0) return ok('cmake and a C++ compiler are there.')
  const text = `${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} not there`
  if (store.state().state === 'ready') return later(`${text}, and not needed: whisper.cpp is built already.`)
  return missing(`${text}; on Debian: apt-get install cmake g++ make; on Windows: the Visual Studio Build Tools.`)
}

function engine(store: EngineStore): Finding {
  const state = store.state()
  if (state.state === 'ready') return ok(`whisper.cpp is built for this computer (${state.path}).`)
  if (state.state === 'building') return later(`whisper.cpp is being built, ${Math.floor(state.percent)} % done.`)
  return missing(`whisper.cpp is not built yet: ${sentence(state.failure)}`)
}

function model(store: ModelStore, chosen: string | null): Finding {
  const path = store.resolve(chosen)
  if (path !== null) return ok(`The model is ${path}.`)
  const hint = 'run unjam models download base, or unjam models import FILE'
  if (chosen !== null) return missing(`The chosen model ${chosen} is not there; ${hint}.`)
  return missing(`There is no model yet, so jobs wait; ${hint}.`)
}

function decoder(): Finding {
  const require = createRequire(import.meta.url)
  const resolved = (name: string) => {
    try {
      return require.resolve(name)
    } catch {
      // Not installed: the caller says so.
      return null
    }
  }
  const platform = `@seydx/node-av-${process.platform}-${process.arch}`
  const native = resolved(`${platform}/package.json`) ?? resolved(platform)
  const own = resolved('node-av') ?? resolved('node-av/package.json')
  if (own === null && native === null) return missing('The decoder is not installed; run npm ci.')
  return ok('Audio and video are decoded by node-av (FFmpeg), which came with Unjam.')
}

function desktop(root: string): Finding {
  const ready = desktopReady(root)
  return ready.can
    ? ok('The desktop window can be opened.')
    : later(`${ready.because}. The browser shows the same app.`)
}

function browser(root: string): Finding {
  if (existsSync(join(root, 'out', 'renderer', 'index.html')))
    return ok('The interface is built; unjam serve shows it.')
  return later('The interface is built when unjam serve or npm start is first run.')
}
