// The model a command means: a path, a name in the model folder, or what the settings say.
import { resolve } from 'node:path'
import type { DataFolder } from '../compose/data-folder.ts'
import { FailureError } from '../contract/failure.ts'

/** The path of a model that is whole; throws the sentence why there is none. */
export async function modelFile(given: string | undefined, folder: DataFolder, signal: AbortSignal): Promise<string> {
  const { checkModelComplete, checkModelFile } = await import('../adapters/model-file.ts')
  const path = await found(given, folder)
  checkModelFile(path)
  await checkModelComplete(path, signal)
  return path
}

async function found(given: string | undefined, folder: DataFolder): Promise<string> {
  const { createModelStore } = await import('../adapters/model-store.ts')
  const store = createModelStore({ folder: folder.models })
  if (given !== undefined) {
    const named = /[\\/]/.test(given) ? null : store.resolve(given)
    return named ?? resolve(given)
  }
  const { openSettings } = await import('../adapters/settings-file.ts')
  const chosen = store.resolve(openSettings(folder.path).get().worker.model)
  if (chosen !== null) return chosen
  throw new FailureError({
    kind: 'missing',
    tried: 'Find the model',
    on: '',
    because: 'no model is chosen',
    remedy: 'Give --model FILE, or run unjam models download base.',
  })
}
