// Whether a worker has what it needs before it takes a job: without it jobs wait and no retry is burned.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import type { WorkerConfig } from '../electron/contract/worker-protocol.ts'
import { fileIdentity } from './file-identity.ts'
import { hearing } from './whisper.ts'

/** The worker cannot work here; the message is the sentence for the operator. Jobs are left as they are. */
export class CannotWork extends Error {}

/** "ggml" as whisper.cpp writes it: a little-endian 32-bit number (whisper.cpp, GGML_FILE_MAGIC). */
const modelMagic = 0x67676d6c

/** Throws `CannotWork` with what is missing and how to get it. */
export async function checkTools({ engine, model }: Pick<WorkerConfig, 'engine' | 'model'>): Promise<void> {
  await access(engine, process.platform === 'win32' ? constants.F_OK : constants.X_OK).catch((cause: Error) => {
    throw new CannotWork(
      `whisper.cpp is not there or may not be run (${engine}). Build it, then start the worker again.`,
      {
        cause,
      },
    )
  })
  const file = await open(model, 'r').catch((cause: Error) => {
    throw new CannotWork(
      `The model file cannot be opened (${model}). Download or import a model, then start the worker again.`,
      {
        cause,
      },
    )
  })
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    if (bytesRead < 4 || buffer.readUInt32LE() !== modelMagic)
      throw new CannotWork(`This file is not a whisper.cpp model (${model}). Choose or import another one.`)
  } finally {
    await file.close()
  }
}

/**
 * What this worker makes of a recording, as a short hash: engine, model and the options that change the words. Every
 * plan begins with it. The chunk length is not part of it: chunks of any length are good to go on from.
 */
export async function recipeOf(config: WorkerConfig, signal: AbortSignal): Promise<string> {
  const parts = await Promise.all([fileIdentity(config.engine, signal), fileIdentity(config.model, signal)])
  return createHash('sha256')
    .update(JSON.stringify([...parts, config.language, ...hearing]))
    .digest('hex')
    .slice(0, 16)
}
