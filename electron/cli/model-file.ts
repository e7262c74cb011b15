// The model a command means: a path, a name in the model folder, or what the settings say.
import { resolve } from 'node:path'
import type { DataFolder } from '../compose/data-folder.ts'
import { FailureError } from '../contract/failure.ts'

/** A checked path; throws the sentence why there is none. */
export async function modelFile(given: string | undefined, folder: DataFolder): Promise<string> {
  const { checkModelFile, createModelStore } = await import('../adapters/model-store.ts')
  const store = createModelStore({ folder: folder.models })
  if (given !== undefined) {
    const named = /[\\/]/.test(given) ? null : store.resolve(given)
    const path = named ?? resolve(given)
    checkModelFile(path)
    return path
  }
  const { openSettings } = await import('../adapters/settings-file.ts')
  const found = store.resolve(openSettings(folder.path).get().worker.model)
  if (found !== null) return found
  throw new FailureError({
    kind: 'missing',
    tried: 'Find the model',
    on: '',
    because: 'no model is chosen',
    remedy: 'Give --model FILE, or run unjam models download base.',
  })
}
