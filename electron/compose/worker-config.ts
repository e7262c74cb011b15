// What the local worker is started with: the settings, the model, the engine and the database, or the one that is missing.

import { statSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { FailureError } from '../contract/failure.ts'
import type { WorkerSettings } from '../contract/settings.ts'
import { RecordingsTable, WorkerConfig } from '../contract/worker-protocol.ts'
import type { EngineStore, ModelStore } from '../core/ports/local.ts'
import type { DataFolder } from './data-folder.ts'
import { capacity } from './worker-slots.ts'

/** What decides whether a running worker must be started anew: everything but the database's address. */
export type WorkerPlan = Omit<WorkerConfig, 'database' | 'drain'>

/** Throws the failure whose remedy is the one step that is missing. */
export function workerPlan(
  settings: WorkerSettings,
  folder: DataFolder,
  engine: EngineStore,
  models: ModelStore,
): WorkerPlan {
  const model = models.resolve(settings.model)
  if (model === null) throw new FailureError(noModel(settings.model))
  const built = engine.state()
  if (built.state === 'building') throw new FailureError(building(built.percent))
  if (built.state === 'missing') throw new FailureError(built.failure)
  const machine = { cores: availableParallelism(), memoryBytes: totalmem() }
  const { slots, threads } = capacity(machine, settings, memoryNeeded(model))
  const { maxDurationMinutes, taskTimeoutSeconds } = settings
  const {
    database: _,
    drain: __,
    ...plan
  } = WorkerConfig.parse({
    database: '',
    table: RecordingsTable.parse({}),
    engine: built.path,
    model,
    language: settings.language,
    slots,
    threads,
    chunkMs: Math.round(settings.chunkMinutes * 60_000),
    attemptLimitMs: taskTimeoutSeconds === null ? null : taskTimeoutSeconds * 1000,
    maxRetries: settings.maxRetries,
    maxDuration:
      maxDurationMinutes === null
        ? null
        : { ms: Math.round(maxDurationMinutes * 60_000), verdict: settings.overMaxDuration },
    scratch: join(folder.scratch, 'worker'),
    children: folder.children,
  })
  return plan
}

/** A loaded model takes its file plus roughly as much again for its buffers (whisper.cpp models/README.md). */
function memoryNeeded(model: string): number {
  return 2 * statSync(model).size
}

function noModel(chosen: string | null) {
  return {
    kind: 'missing' as const,
    tried: 'Start the worker',
    on: chosen ?? '',
    because: chosen === null ? 'there is no model yet' : 'the chosen model is not there',
    remedy: 'Download a model or import a file under Worker → Models; jobs wait until then.',
  }
}

function building(percent: number) {
  return {
    kind: 'busy' as const,
    tried: 'Start the worker',
    on: '',
    because: `whisper.cpp is being built (${Math.floor(percent)} %)`,
    remedy: 'It starts by itself when the build is done.',
  }
}
