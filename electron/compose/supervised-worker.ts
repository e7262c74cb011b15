// The worker process of a serving host; other hosts have a control that says where a worker can run instead.
import { join } from 'node:path'
import type { Log } from '../adapters/log.ts'
import { checkModelComplete } from '../adapters/model-file.ts'
import { createWorkerControl } from '../adapters/whisper-process.ts'
import type { HostInfo } from '../contract/host.ts'
import type { WorkerControl } from '../core/ports/local.ts'
import { idleWorker } from './idle-worker.ts'
import type { LocalDatabase } from './local-database.ts'
import { ownNode } from './own-node.ts'
import type { WorkerPlan } from './worker-config.ts'

export interface SupervisedParts {
  readonly host: HostInfo['host']
  readonly root: string
  readonly plan: () => WorkerPlan
  readonly database: LocalDatabase
  readonly log: Log
}

const readyWithinMs = 90_000

export function supervisedWorker(parts: SupervisedParts): WorkerControl & { close(): Promise<void> } {
  const { host, root, plan, database, log } = parts
  if (host === 'terminal')
    return idleWorker(
      'No Unjam runs on this data directory that could keep a worker',
      'Run unjam serve or unjam worker.',
    )
  return createWorkerControl({
    node: ownNode(root),
    entry: join(root, 'worker', 'main.ts'),
    async config() {
      const ready = plan()
      const within = AbortSignal.timeout(readyWithinMs)
      // A file that is cut off begins like a model: a worker would find out with a job in hand.
      await checkModelComplete(ready.model, within)
      return { ...ready, database: await database.url(within), drain: false }
    },
    onLine(line) {
      if (line.type === 'log' && line.level !== 'info') log.warn('worker', line.message)
    },
  })
}
