// When the supervised worker starts by itself, and when it is started anew: policy of a serving host.
import { isDeepStrictEqual } from 'node:util'
import { FailureError } from '../contract/failure.ts'
import type { WorkerControl } from '../core/ports/local.ts'
import type { WorkerPlan } from './worker-config.ts'

export interface KeepOptions {
  readonly worker: WorkerControl
  readonly startWithApp: () => boolean
  /** The plan of a start now; throws when something is missing. */
  readonly plan: () => WorkerPlan
  readonly onProblem: (sentence: string) => void
}

export interface KeptWorker {
  /** The worker as the core sees it: what a person stops stays stopped. */
  readonly worker: WorkerControl
  /** Something changed that may let it start or make it start anew: model, engine, settings. */
  look(): void
  stop(): void
}

export function keepWorker({ worker, startWithApp, plan, onProblem }: KeepOptions): KeptWorker {
  let stoppedByPerson = false
  let ended = false
  let running: WorkerPlan | null = null
  let turn: Promise<void> = Promise.resolve()

  /** The plan, or null while something is missing. */
  function possible(): WorkerPlan | null {
    try {
      return plan()
    } catch (error) {
      if (error instanceof FailureError) return null
      throw error
    }
  }

  async function start(next: WorkerPlan | null): Promise<void> {
    running = next
    await worker.start()
  }

  async function settle(): Promise<void> {
    const next = possible()
    if (ended || next === null) return
    const { state } = worker.state()
    if (state === 'stopped' || state === 'blocked') {
      if (!stoppedByPerson && startWithApp()) await start(next)
    } else if (running !== null && !isDeepStrictEqual(running, next)) {
      await worker.stop()
      await start(next)
    }
  }

  return {
    worker: {
      state: () => worker.state(),
      pause: () => worker.pause(),
      resume: () => worker.resume(),
      log: (cursor, limit) => worker.log(cursor, limit),
      onChange: (listener) => worker.onChange(listener),
      async start() {
        stoppedByPerson = false
        await start(possible())
      },
      async stop() {
        stoppedByPerson = true
        await worker.stop()
      },
    },
    look() {
      turn = turn.then(settle).catch((error: unknown) => {
        onProblem(error instanceof Error ? error.message : String(error))
      })
    },
    stop() {
      ended = true
    },
  }
}
