// The machine's own verbs: models, settings, worker log, uploads. No policy in it.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { availableParallelism, freemem, totalmem, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import type { SettingsFile } from '../adapters/settings-file.ts'
import { maskSecrets } from '../adapters/settings-file.ts'
import { FailureError } from '../contract/failure.ts'
import type { CatalogModel, HostInfo, ModelResult } from '../contract/host.ts'
import type { Machine } from '../core/api.ts'
import type { EngineStore, ModelStore, WorkerControl } from '../core/ports/local.ts'
import type { DataFolder } from './data-folder.ts'

export interface MachineParts {
  readonly folder: DataFolder
  readonly version: string
  readonly host: HostInfo['host']
  readonly notices: readonly string[]
  readonly settings: SettingsFile
  readonly worker: WorkerControl
  readonly engine: EngineStore
  readonly models: ModelStore
  readonly doctor: Machine['doctor']
  /** Aborted when the host stops: downloads keep what they have, a build ends. */
  readonly ending: AbortSignal
  readonly onProblem: (where: string, error: unknown) => void
}

export function createMachine(parts: MachineParts): Machine {
  const { folder, settings, models, engine } = parts
  const startedAt = new Date().toISOString()

  /** The first model that arrives is the one to use; a choice that was made stays. */
  async function selectFirst(result: ModelResult): Promise<ModelResult> {
    if (result.ok && models.resolve(settings.get().worker.model) === null)
      await settings.update({ worker: { model: basename(result.path) } })
    return result
  }

  return {
    workerLog: (cursor, limit) => parts.worker.log(cursor, limit),
    models: () => listed(models, models.resolve(settings.get().worker.model)),
    downloadModel(name) {
      if (models.downloading()?.failure === null) return false
      models
        .download(name, AbortSignal.any([parts.ending, AbortSignal.timeout(downloadWithinMs)]))
        .then(selectFirst)
        .catch((error: unknown) => {
          if (!parts.ending.aborted) parts.onProblem('Download a model', error)
        })
      return true
    },
    cancelDownload: () => models.cancel(),
    importModel: async (path, signal) => selectFirst(await models.import(path, signal)),
    async selectModel(fileName) {
      const path = models.resolve(fileName)
      if (path === null) return { ok: false, failure: noSuchModel(fileName) }
      await settings.update({ worker: { model: fileName } })
      return { ok: true, path, sentence: `The worker uses ${basename(path)}.` }
    },
    settings: () => maskSecrets(settings.get()),
    updateSettings: async (patch) => maskSecrets(await settings.update(patch)),
    info: () => ({
      version: parts.version,
      dataDir: folder.path,
      platform: `${process.platform}-${process.arch}`,
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      user: userName(),
      host: parts.host,
      startedAt,
      notices: [...parts.notices],
    }),
    doctor: parts.doctor,
    buildEngine() {
      if (engine.state().state !== 'missing') return false
      engine.ensure(AbortSignal.any([parts.ending, AbortSignal.timeout(buildWithinMs)])).catch((error: unknown) => {
        // What is missing to build it is the engine's own state, shown on screen; anything else is our fault.
        if (!(error instanceof FailureError) && !parts.ending.aborted) parts.onProblem('Build whisper.cpp', error)
      })
      return true
    },
    async uploadPath(fileName) {
      // A folder of its own keeps the person's file name, and two files of one name apart.
      const place = join(folder.recordings, randomBytes(8).toString('hex'))
      mkdirSync(place, { recursive: true, mode: 0o700 })
      return join(place, inside(fileName))
    },
  }
}

/** What is published, and below it the files that were imported without being so: their checksum is nobody's. */
function listed(models: ModelStore, used: string | null): CatalogModel[] {
  const published = models.catalog(used)
  const known = new Set(published.map(({ fileName }) => fileName))
  const imported = models.present().filter(({ name }) => !known.has(name))
  return [
    ...published,
    ...imported.map(({ name, path, bytes }) => ({
      name,
      fileName: name,
      bytes,
      memoryBytes: null,
      sha1: '',
      present: true,
      selected: path === used,
    })),
  ]
}

const buildWithinMs = 30 * 60_000
const downloadWithinMs = 24 * 60 * 60_000

/** An untrusted name as one path component that every file system takes. */
function inside(fileName: string): string {
  const [last = ''] = fileName.split(/[\\/]/).slice(-1)
  // A name is the title of its job: only what cannot be a file's name here is replaced.
  const forbidden = process.platform === 'win32' ? /[\p{Cc}<>:"|?*]/gu : /\p{Cc}/gu
  const safe = last.replace(forbidden, '_').replace(/^\.+|[. ]+$/g, '')
  return shortened(safe === '' ? 'recording' : safe, 240)
}

/** At most `most` bytes, the extension kept. */
function shortened(name: string, most: number): string {
  if (Buffer.byteLength(name) <= most) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : ''
  let stem = name.slice(0, name.length - extension.length)
  while (Buffer.byteLength(stem + extension) > most) stem = [...stem].slice(0, -1).join('')
  return stem + extension
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the user database, as in some containers.
    return process.env.USER ?? 'unknown'
  }
}

function noSuchModel(fileName: string) {
  return {
    kind: 'missing' as const,
    tried: 'Choose the model',
    on: fileName,
    because: 'there is no such file in the model folder',
    remedy: 'Download it or import a file first.',
  }
}
