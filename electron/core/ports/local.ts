// What the core asks of the machine it runs on: time, the supervised worker, engine and models.
import type { Instant } from '../../contract/failure.ts'
import type { CatalogModel, LogPage, ModelResult } from '../../contract/host.ts'
import type { WorkerSettings } from '../../contract/settings.ts'
import type { Engine, LocalHost, ModelFile, WorkerProcess } from '../../contract/snapshot.ts'

/** Time, so that policy can be tested without waiting. `now` is the core's own clock: never compared with a database's. */
export interface Clock {
  now(): Instant
  nowMs(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The supervised local worker process. */
export interface WorkerControl {
  state(): WorkerProcess
  /** Resolves when it has said ready, rejects with the failure that stopped it. */
  start(): Promise<void>
  stop(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  log(cursor: number, limit: number): LogPage
  onChange(listener: () => void): () => void
}

/** The whisper.cpp engine: found, built, or missing with its reason. */
export interface EngineStore {
  state(): Engine
  /** Starts a build unless one runs or none is needed; progress through `onChange`. */
  ensure(signal: AbortSignal): Promise<string>
  onChange(listener: () => void): () => void
}

/** ggml model files in the data directory, and the catalogue they can be had from. */
export interface ModelStore {
  present(): readonly ModelFile[]
  catalog(selected: string | null): readonly CatalogModel[]
  download(name: string, signal: AbortSignal): Promise<ModelResult>
  downloading(): LocalHost['download']
  cancel(): boolean
  import(path: string, signal: AbortSignal): Promise<ModelResult>
  /** A file name in the folder or an absolute path → a checked path, or null when there is none. */
  resolve(model: string | null): string | null
  onChange(listener: () => void): () => void
}

/** What is left of this machine. */
export interface Room {
  /** What programs could still get: a file cache counts as free. */
  readonly freeMemoryBytes: number
  readonly memoryBytes: number
  /** The disks that Unjam and its database write to. */
  readonly disks: readonly { readonly path: string; readonly freeBytes: number; readonly bytes: number }[]
}

/** What the local machine offers, as one value; absent parts make the host say so, not crash. */
export interface LocalPorts {
  readonly worker: WorkerControl
  readonly engine: EngineStore
  readonly models: ModelStore
  readonly settings: () => WorkerSettings
  /** null: this machine cannot be measured. */
  readonly room: () => Room | null
}
