// The machine Unjam runs on as one value: engine, models, download, supervised worker.
import type { LocalHost, ModelFile } from '../contract/snapshot.ts'
import type { LocalPorts } from './ports/local.ts'
import type { StackMaker } from './ports/stack.ts'

/** What the local parts say now; when one of them throws, what was last known, and the error is told. */
export function readHost(
  local: LocalPorts,
  maker: StackMaker | null,
  last: LocalHost | null,
  onBug: (error: unknown) => void,
): LocalHost {
  try {
    const models = [...local.models.present()]
    return {
      engine: local.engine.state(),
      models,
      model: modelName(local.models.resolve(local.settings().model), models),
      download: local.models.downloading(),
      worker: local.worker.state(),
      stackCreation: maker?.state() ?? null,
    }
  } catch (error) {
    if (last === null) throw error
    onBug(error)
    return last
  }
}

/** The name it has in the model folder, else its path; null when there is none. */
function modelName(path: string | null, models: readonly ModelFile[]): string | null {
  return path === null ? null : (models.find((model) => model.path === path)?.name ?? path)
}
