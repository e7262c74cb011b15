// One core per data directory: attach to the one that runs, or host it here until everybody has left.
import { takeCoreLock } from '../adapters/core-lock.ts'
import { FailureError } from '../contract/failure.ts'
import type { HostInfo } from '../contract/host.ts'
import type { Attached, Client } from '../server/attached-core.ts'
import { attachLocal } from '../server/local-endpoint.ts'
import { createDataFolder } from './data-folder.ts'
import type { HostedCore } from './host-core.ts'

/** A core to talk to, and where it runs. */
export type OpenCore =
  | { readonly client: Client; readonly hosted: HostedCore; readonly attached: null }
  | { readonly client: Client; readonly hosted: null; readonly attached: Attached }

export interface OpenOptions {
  readonly dataDir: string
  readonly root: string
  readonly host: HostInfo['host']
  readonly logToStderr?: boolean
  readonly signal: AbortSignal
}

/** Longest time that another process may take from its lock to its endpoint, or from its endpoint's end to its lock's. */
const handOverMs = 30_000
const lookEveryMs = 40

/** Attaches or hosts. Of two that start at the same moment one hosts and the other attaches. */
export async function openCore(options: OpenOptions): Promise<OpenCore> {
  const { path } = createDataFolder(options.dataDir)
  const until = performance.now() + handOverMs
  for (;;) {
    options.signal.throwIfAborted()
    const attached = await attachLocal(path)
    if (attached !== null) return { client: attached.client, hosted: null, attached }
    const hosted = await tryHost(options)
    if (hosted !== null) return { client: hosted.client, hosted, attached: null }
    if (performance.now() > until) throw held(path)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

/** Takes the data directory for this process; null when another process has it. */
async function tryHost(options: OpenOptions): Promise<HostedCore | null> {
  const lock = takeCoreLock(options.dataDir)
  if (lock === null) return null
  try {
    // Only who hosts loads the adapters.
    const { hostCore } = await import('./host-core.ts')
    return await hostCore({ ...options, lock })
  } catch (error) {
    lock.release()
    throw error
  }
}

function held(path: string): FailureError {
  return new FailureError({
    kind: 'busy',
    tried: 'Open the data directory',
    on: path,
    because: 'another Unjam holds it and does not answer',
    remedy: 'Wait until it has stopped, or end that process; another --data DIR works at once.',
  })
}
