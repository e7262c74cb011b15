// ggml model files in one folder, and the hub they can be had from.
import { constants, mkdirSync, readdirSync, statSync } from 'node:fs'
import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { FailureError, toFailure } from '../contract/failure.ts'
import type { CatalogModel, ModelResult } from '../contract/host.ts'
import type { LocalHost, ModelFile } from '../contract/snapshot.ts'
import type { ModelStore } from '../core/ports/local.ts'
import { tryLock } from './file-lock.ts'
import { type PublishedModel, publishedModel, publishedModels } from './model-catalog.ts'
import { downloadFile, sha1Of } from './model-download.ts'
import { checkModelComplete, checkModelFile } from './model-file.ts'

export { checkModelFile } from './model-file.ts'

export interface ModelStoreOptions {
  readonly folder: string
  /** Base URL; the file's name is appended. */
  readonly hub?: string
  readonly models?: readonly PublishedModel[]
}

/** Where whisper.cpp's own download script gets them (models/download-ggml-model.sh). */
const publicHub = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main/'
/** Listeners redraw; more often than this nobody can see it. */
const tellEveryMs = 100

/** Models in `folder`. Nothing here throws but `resolve`-less programming errors: results carry their failure. */
export function createModelStore({ folder, hub = publicHub, models = publishedModels }: ModelStoreOptions): ModelStore {
  const listeners = new Set<() => void>()
  let shown: LocalHost['download'] = null
  let stop: AbortController | null = null
  let toldAt = 0

  function show(next: LocalHost['download'], always: boolean): void {
    shown = next
    if (!always && performance.now() - toldAt < tellEveryMs) return
    toldAt = performance.now()
    for (const listener of listeners) listener()
  }

  function present(): ModelFile[] {
    return filesIn(folder)
      .filter((name) => name.endsWith('.bin') && isModel(join(folder, name)))
      .map((name) => ({ name, path: join(folder, name), bytes: statSync(join(folder, name)).size }))
  }

  async function fetchModel(model: PublishedModel, signal: AbortSignal): Promise<ModelResult> {
    const target = join(folder, model.fileName)
    const onProgress = (doneBytes: number, totalBytes: number | null) =>
      show({ name: model.name, doneBytes, totalBytes, failure: null }, false)
    show({ name: model.name, doneBytes: 0, totalBytes: null, failure: null }, true)
    const url = new URL(model.fileName, hub.endsWith('/') ? hub : `${hub}/`).href
    await downloadFile({ url, target, sha1: model.sha1, signal, onProgress })
    return { ok: true, path: target, sentence: `The model "${model.name}" is here and its checksum is right.` }
  }

  return {
    present,
    catalog(selected): CatalogModel[] {
      const here = new Map(present().map(({ name, path }) => [name, path]))
      return models.map((model) => ({
        ...model,
        present: here.has(model.fileName),
        selected: here.has(model.fileName) && (selected === model.fileName || selected === here.get(model.fileName)),
      }))
    },
    async download(name, signal) {
      let lock: { release(): void } | null = null
      let model: PublishedModel | null = null
      const own = new AbortController()
      try {
        model = publishedModel(name, models)
        const path = join(folder, model.fileName)
        if (isModel(path)) return { ok: true, path, sentence: `The model "${model.name}" is here already.` }
        mkdirSync(folder, { recursive: true })
        lock = tryLock(join(folder, 'download.lock'), 'exclusive')
        if (lock === null) throw busy(model.name)
        stop = own
        const result = await fetchModel(model, AbortSignal.any([signal, own.signal]))
        show(null, true)
        return result
      } catch (error) {
        const failure =
          own.signal.aborted || signal.aborted ? cancelled(name) : toFailure(error, `Download the model ${name}`)
        if (stop === own) show(own.signal.aborted || shown === null ? null : { ...shown, failure }, true)
        return { ok: false, failure }
      } finally {
        if (stop === own) stop = null
        lock?.release()
      }
    },
    downloading: () => shown,
    cancel() {
      if (stop === null) return false
      stop.abort()
      return true
    },
    async import(path, signal) {
      try {
        return await importModel(resolve(path), folder, models, signal)
      } catch (error) {
        return { ok: false, failure: toFailure(error, `Import the model ${basename(path)}`) }
      } finally {
        for (const listener of listeners) listener()
      }
    },
    resolve(model) {
      if (model === null) return newest(present())
      const path = isAbsolute(model) ? model : join(folder, basename(model))
      return isModel(path) ? path : null
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function isModel(path: string): boolean {
  try {
    checkModelFile(path)
    return true
  } catch {
    return false
  }
}

/** None chosen: the one that was put there last is the one somebody meant. */
function newest(files: readonly ModelFile[]): string | null {
  const byAge = files.toSorted((a, b) => statSync(b.path).mtimeMs - statSync(a.path).mtimeMs)
  return byAge[0]?.path ?? null
}

/** Checks, copies beside, renames: a file that is not a model leaves nothing behind. */
async function importModel(
  path: string,
  folder: string,
  models: readonly PublishedModel[],
  signal: AbortSignal,
): Promise<ModelResult> {
  checkModelFile(path)
  await checkModelComplete(path, signal)
  const sha1 = await sha1Of(path, signal)
  const known = models.find((model) => model.sha1 === sha1)
  mkdirSync(folder, { recursive: true })
  for (let number = 1; ; number++) {
    const target = join(folder, plainName(known?.fileName ?? basename(path), number))
    const there = await stat(target).catch(() => null)
    if (there === null) {
      const part = `${target}.${process.pid}.part`
      try {
        await copyFile(path, part, constants.COPYFILE_FICLONE)
        signal.throwIfAborted()
        await rename(part, target)
      } finally {
        await rm(part, { force: true })
      }
    } else if ((await sha1Of(target, signal)) !== sha1) continue
    const what = known === undefined ? 'It is not one of the published models.' : `It is the published "${known.name}".`
    return { ok: true, path: target, sentence: `${basename(target)} is ready to be used. ${what}` }
  }
}

/** A name of plain ASCII: whisper-cli takes its arguments in the system's code page on Windows. */
function plainName(name: string, number: number): string {
  const stem = name
    .replace(/\.bin$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 100)
  return `${stem === '' ? 'model' : stem}${number === 1 ? '' : `-${number}`}.bin`
}

function busy(name: string): FailureError {
  return new FailureError({
    kind: 'busy',
    tried: 'Download the model',
    on: name,
    because: 'another download is running',
    remedy: 'Wait until it is done, or cancel it.',
  })
}

function cancelled(name: string): ReturnType<typeof toFailure> {
  return {
    kind: 'refused',
    tried: 'Download the model',
    on: name,
    because: 'it was cancelled',
    remedy: 'Start it again to continue where it stopped.',
  }
}
