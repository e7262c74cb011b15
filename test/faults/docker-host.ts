// The parts of a core that act on a compose project and recover it, as a start of Unjam makes them.
import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import { systemClock } from '../../electron/adapters/clock.ts'
import { composeStack } from '../../electron/adapters/docker/stack.ts'
import { openEnvFile } from '../../electron/adapters/env-file.ts'
import { openHistory } from '../../electron/adapters/history-sqlite.ts'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { ActionRequest } from '../../electron/contract/action.ts'
import { createRecovery } from '../../electron/core/recover.ts'
import { createActions } from '../../electron/core/run-action.ts'
import { bareSystem } from '../support/bare-system.ts'
import { localParts } from '../support/local-parts.ts'
import { until } from '../support/until.ts'

export const DockerPlace = z.object({
  /** Address of the engine; a proxy that can be cut. */
  docker: z.string(),
  project: z.string(),
  dataDir: z.string(),
  envFile: z.string(),
  /** Decides which compose command there is, if any. */
  environment: z.record(z.string(), z.string()),
})
export type DockerPlace = z.infer<typeof DockerPlace>
export const DockerRun = DockerPlace.extend({ request: ActionRequest, fingerprint: z.string() })
export type DockerRun = z.infer<typeof DockerRun>

export function openDockerHost({ docker, project, dataDir, envFile, environment }: DockerPlace) {
  const history = openHistory(join(dataDir, 'history.sqlite'))
  const stack = composeStack({
    ...{ project, docker, dataDir, envFile, environment, settleMs: 300 },
    onProblem: () => undefined,
  })
  const jobs = memoryJobs({ id: 'calls', kind: 'recordings', clock: systemClock })
  const system = bareSystem(jobs, { stack, env: openEnvFile(envFile) })
  const bugs: string[] = []
  const onBug = (where: string, error: unknown) =>
    void bugs.push(`${where}: ${error instanceof Error ? error.message : String(error)}`)
  const actions = createActions({
    ...{ system: () => system, local: localParts(), maker: null, history, clock: systemClock, onBug },
    newId: () => randomUUID(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    written: () => undefined,
  })
  const recovery = createRecovery({
    ...{ systems: () => [system], clock: systemClock, onBug, notice: () => undefined },
    settle: actions.settle,
    interrupted: actions.interrupted,
  })
  return {
    ...{ actions, history, bugs },
    async recover(): Promise<void> {
      recovery.start()
      try {
        const settled = () => history.open().length === 0 && stack.pending().length === 0
        await until(`everything is settled (${bugs.join('; ')})`, settled, 60_000)
      } finally {
        await recovery.stop()
      }
    },
    async close(): Promise<void> {
      await recovery.stop()
      await actions.idle()
      await stack.close()
      history.close()
    },
  }
}
