// Creates a stack: files, secrets and free ports, then `compose up` with progress; what did not come up is taken away.
import { basename, isAbsolute, join } from 'node:path'
import type { ComposeFolder } from '../adapters/docker/compose-up.ts'
import {
  freePorts,
  modelPath,
  newSecrets,
  plannedFiles,
  refuseUsedFolder,
  type StackSources,
  stackFiles,
  type WrittenFile,
  writeStack,
} from '../adapters/stack-folder.ts'
import { removeStack } from '../adapters/stack-removal.ts'
import { type Failure, FailureError, maskFailure, sentence, toFailure } from '../contract/failure.ts'
import { findKnown } from '../contract/secrets/known-text.ts'
import { maskKnown } from '../contract/secrets/mask-text.ts'
import type { SystemSettings } from '../contract/settings.ts'
import { SystemSettings as Shape } from '../contract/settings.ts'
import type { LocalHost } from '../contract/snapshot.ts'
import type { CreatedStack, StackMaker, StackOrder } from '../core/ports/stack.ts'

const DOWN_MS = 120_000

export interface StackMakerParts {
  readonly sources: StackSources
  readonly docker: ComposeFolder
  /** The model that Unjam's own worker uses; null while there is none. */
  model(): string | null
  /** Whether a system of this id is configured already. */
  taken(id: string): boolean
  adopt(system: SystemSettings): Promise<void>
  release(id: string): Promise<void>
}

export function stackMaker({ sources, docker, model, taken, adopt, release }: StackMakerParts): StackMaker {
  let state: LocalHost['stackCreation'] = null
  const listeners = new Set<() => void>()

  function tell(step: string, failure: Failure | null = null): void {
    state = { step, failure }
    for (const listener of listeners) listener()
  }

  async function check({ folder, project, id }: StackOrder, signal: AbortSignal): Promise<void> {
    if (!isAbsolute(folder)) throw wrong(folder, 'it is not the whole path of a folder', 'Begin with the drive or /.')
    refuseUsedFolder(folder)
    if (taken(id)) throw wrong(id, 'another system has that name already', 'Choose another name for it.')
    const [first] = await docker.existing(project, signal)
    if (first !== undefined)
      throw wrong(project, `the engine has something of that name already: ${first}`, 'Choose another project name.')
  }

  /** Nothing of that project existed before, so its volumes are new and go too. */
  async function afterTakingAway(
    failure: Failure,
    folder: string,
    project: string,
    files: readonly WrittenFile[],
  ): Promise<Failure> {
    try {
      await docker.down(folder, project, 'with volumes', AbortSignal.timeout(DOWN_MS))
    } catch (error) {
      // The files stay: whoever stops what runs needs them.
      const why = sentence(toFailure(error, 'Stop it again'))
      return {
        ...failure,
        remedy: `Its parts are still there: in ${folder}, run docker compose down --volumes. ${why}`,
      }
    }
    await removeStack(folder, files, sources)
    return failure
  }

  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async plan(order, signal) {
      await check(order, signal)
      const files = stackFiles(sources)
      const own = model()
      return {
        files: own === null ? files : [...files, modelPath(own)],
        model: own === null ? null : basename(own),
        command: docker.command(order.folder, order.project),
      }
    },

    async create(order, beforeWrite, signal): Promise<CreatedStack> {
      await check(order, signal)
      const { folder, project, id } = order
      tell('Writing the files')
      const ports = await freePorts()
      const secrets = newSecrets()
      const known = findKnown(Object.values(secrets))
      const written = { project, ports, secrets, model: model() }
      const files = await plannedFiles(sources, written)
      beforeWrite({ ...order, files })
      await writeStack(folder, sources, written)
      try {
        await docker.up(folder, project, (line) => tell(maskKnown(line, known)), signal)
      } catch (error) {
        tell('Taking it away again')
        const why = maskFailure(toFailure(error, 'Create the stack'), known)
        const failure = await afterTakingAway(why, folder, project, files)
        tell('It did not come up', failure)
        throw new FailureError(failure)
      }
      const redis = `redis://:${secrets.redis}@127.0.0.1:${ports.redis}`
      await adopt(
        Shape.parse({
          ...{ id, kind: 'recordings', broker: `${redis}/0`, results: `${redis}/1`, stack: { project } },
          database: `postgresql://recordings:${secrets.postgres}@127.0.0.1:${ports.postgres}/recordings`,
          api: `http://127.0.0.1:${ports.api}`,
          envFile: join(folder, '.env'),
        }),
      )
      state = null
      for (const listener of listeners) listener()
      return { ...order, files }
    },

    async settle({ folder, project, id, files }, signal) {
      if (taken(id)) return { created: true, kept: [] }
      // Nothing of that project existed before, so its volumes are new and go too.
      if ((await docker.existing(project, signal)).length > 0)
        await docker.down(folder, project, 'with volumes', signal)
      const { kept } = await removeStack(folder, files, sources)
      return { created: false, kept }
    },

    async remove(created, signal) {
      await docker.down(created.folder, created.project, 'volumes stay', signal)
      const { removed, kept } = await removeStack(created.folder, created.files, sources)
      await release(created.id)
      return { removed, kept }
    },
  }
}

function wrong(on: string, because: string, remedy: string): FailureError {
  return new FailureError({ kind: 'invalid', tried: 'Create the stack', on, because, remedy })
}
