// Creates a stack: files, secrets and free ports, then `compose up` with progress; what did not come up is taken away.
import { isAbsolute, join } from 'node:path'
import type { ComposeFolder } from '../adapters/docker/compose-up.ts'
import {
  freePorts,
  newSecrets,
  refuseUsedFolder,
  removeStack,
  type StackSources,
  stackFiles,
  writeStack,
} from '../adapters/stack-folder.ts'
import { type Failure, FailureError, toFailure } from '../contract/failure.ts'
import type { SystemSettings } from '../contract/settings.ts'
import { SystemSettings as Shape } from '../contract/settings.ts'
import type { LocalHost } from '../contract/snapshot.ts'
import type { CreatedStack, StackMaker, StackOrder } from '../core/ports/stack.ts'

export interface StackMakerParts {
  readonly sources: StackSources
  readonly docker: ComposeFolder
  /** Whether a system of this id is configured already. */
  taken(id: string): boolean
  adopt(system: SystemSettings): Promise<void>
  release(id: string): Promise<void>
}

export function stackMaker({ sources, docker, taken, adopt, release }: StackMakerParts): StackMaker {
  let state: LocalHost['stackCreation'] = null
  const listeners = new Set<() => void>()

  function tell(step: string, failure: Failure | null = null): void {
    state = { step, failure }
    for (const listener of listeners) listener()
  }

  function check({ folder, id }: StackOrder): void {
    if (!isAbsolute(folder)) throw wrong(folder, 'it is not the whole path of a folder', 'Begin with the drive or /.')
    refuseUsedFolder(folder)
    if (taken(id)) throw wrong(id, 'another system has that name already', 'Choose another name for it.')
  }

  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    plan(order) {
      check(order)
      return { files: stackFiles(sources), command: docker.command(order.folder, order.project) }
    },

    async create(order, signal): Promise<CreatedStack> {
      check(order)
      const { folder, project, id } = order
      tell('Writing the files')
      const ports = await freePorts()
      const secrets = newSecrets()
      const files = writeStack(folder, project, sources, ports, secrets)
      try {
        await docker.up(folder, project, tell, signal)
      } catch (error) {
        tell('Taking it away again')
        await docker.down(folder, project, AbortSignal.timeout(downWithinMs)).catch(() => undefined)
        removeStack(folder, files)
        tell('It did not come up', toFailure(error, 'Create the stack'))
        throw error
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

    async remove(created, signal) {
      await docker.down(created.folder, created.project, signal)
      const { removed, kept } = removeStack(created.folder, created.files)
      await release(created.id)
      return { removed, kept }
    },
  }
}

const downWithinMs = 120_000

function wrong(on: string, because: string, remedy: string): FailureError {
  return new FailureError({ kind: 'invalid', tried: 'Create the stack', on, because, remedy })
}
