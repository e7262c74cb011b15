// The local machine for tests of policy: a worker that obeys at once, an engine and models that can be taken away.
import { FailureError } from '../../electron/contract/failure.ts'
import { WorkerSettings } from '../../electron/contract/settings.ts'
import type { Engine, WorkerProcess } from '../../electron/contract/snapshot.ts'
import type { LocalPorts } from '../../electron/core/ports/local.ts'

export interface LocalParts extends LocalPorts {
  set(state: WorkerProcess['state'], because?: string | null): void
  setEngine(engine: Engine): void
  setModel(path: string | null): void
  /** Listeners that are still there: 0 after everything was stopped. */
  listening(): number
}

export function localParts(): LocalParts {
  const listeners = new Set<() => void>()
  let worker: WorkerProcess = { state: 'running', pid: 4711, restarts: 0, because: null }
  let engine: Engine = { state: 'ready', path: '/opt/unjam/whisper-cli', version: '1.8.2' }
  let model: string | null = '/data/models/ggml-small.bin'
  const told = () => {
    for (const listener of listeners) listener()
  }
  const onChange = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  function set(state: WorkerProcess['state'], because: string | null = null): void {
    worker = { state, pid: state === 'stopped' || state === 'blocked' ? null : 4711, restarts: 0, because }
    told()
  }
  return {
    set,
    setEngine(next) {
      engine = next
      told()
    },
    setModel(path) {
      model = path
      told()
    },
    listening: () => listeners.size,
    settings: () => WorkerSettings.parse({}),
    room: () => null,
    worker: {
      state: () => worker,
      start: async () => {
        if (worker.state === 'blocked')
          throw new FailureError({
            kind: 'refused',
            tried: 'Start the worker',
            on: '',
            because: worker.because ?? 'it is blocked',
            remedy: null,
          })
        set('running')
      },
      stop: async () => set('stopped'),
      pause: async () => set('paused'),
      resume: async () => set('running'),
      log: () => ({ lines: [], cursor: 0 }),
      onChange,
    },
    engine: { state: () => engine, ensure: async () => '/opt/unjam/whisper-cli', onChange },
    models: {
      present: () =>
        model === null ? [] : [{ name: 'ggml-small.bin', path: '/data/models/ggml-small.bin', bytes: 487_601_967 }],
      catalog: () => [],
      download: async () => ({ ok: true, path: '', sentence: '' }),
      downloading: () => null,
      cancel: () => false,
      import: async () => ({ ok: true, path: '', sentence: '' }),
      resolve: () => model,
      onChange,
    },
  }
}
