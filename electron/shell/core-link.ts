// The core behind the window: attached where one runs, hosted here otherwise, looked for again when it has ended.
import { setTimeout as wait } from 'node:timers/promises'
import { applyEvent } from '../contract/diff.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { Api } from '../core/api.ts'
import type { Attached, Client } from '../server/attached-core.ts'
import { localCaller } from '../server/caller.ts'
import { fileRoutes } from '../server/file-routes.ts'
import type { EmitterPort } from '../server/guard-port.ts'
import { servePort } from '../server/port-link.ts'
import type { Router } from '../server/router.ts'
import type { ServerLog } from '../server/server-log.ts'
import type { Handle } from '../server/web-exchange.ts'

/** Commands that are attached to us may end first. */
const QUIT_PATIENCE_MS = 5000
const RETRY_MS = 1000

/** What `openCore` of the composition gives. */
export type Opened =
  | { readonly client: Client; readonly hosted: Hosted; readonly attached: null }
  | { readonly client: Client; readonly hosted: null; readonly attached: Attached }
interface Hosted {
  readonly composed: { readonly api: Api; start(): Promise<void> }
  readonly router: Router
  close(patienceMs: number): Promise<void>
}

/** One core, however it is reached. */
interface Reached {
  readonly client: Client
  readonly files: Handle
  readonly attached: boolean
  /** Resolves when it is gone; a hosted one ends with us. */
  readonly ended: Promise<void>
  serve(port: EmitterPort): Promise<void>
  close(): Promise<void>
}

export interface CoreLink {
  /** Rejects when no core can be opened at first; one that is lost later is opened again. */
  readonly ready: Promise<void>
  /** Serves a window's port as soon as there is a core to serve it. */
  serve(port: EmitterPort): Promise<void>
  readonly files: Handle
  /** Alerts about these findings stay quiet for an hour; what could not be snoozed is logged. */
  snooze(keys: readonly string[]): void
  /** Whether the core goes on when we quit. */
  attached(): boolean
  close(): Promise<void>
}

/** Keeps one core at hand and tells its state: a snapshot at each change, null while nobody can be asked. */
export function linkCore(
  open: (signal: AbortSignal) => Promise<Opened>,
  log: ServerLog,
  onState: (snapshot: Snapshot | null) => void,
): CoreLink {
  const quitting = new AbortController()
  const { signal } = quitting
  const look = async () => reach(await open(signal), log)
  let next = look()
  let now: Reached | null = null
  const ready = next.then(() => undefined)

  async function keep(): Promise<void> {
    while (!signal.aborted) {
      now = await next
      const lost = new AbortController()
      now.ended.then(() => lost.abort())
      await follow(now.client, AbortSignal.any([signal, lost.signal]), onState).catch((error: unknown) => {
        if (!signal.aborted && !lost.signal.aborted) log.warn('shell', 'The live state broke off.', error)
      })
      if (signal.aborted) return
      onState(null)
      if (lost.signal.aborted) next = again()
      else await wait(RETRY_MS, undefined, { signal })
    }
  }

  async function again(): Promise<Reached> {
    for (;;)
      try {
        return await look()
      } catch (error) {
        signal.throwIfAborted()
        log.error('shell', 'The core has ended, and another could not be opened yet.', error)
        await wait(RETRY_MS, undefined, { signal })
      }
  }

  // What ends it is either told through `ready` or our own quitting.
  ready.then(keep).catch((error: unknown) => log.info('shell', 'The core is no longer followed.', error))

  return {
    ready,
    serve: async (port) => (await next).serve(port),
    files: async (request) => (await next).files(request),
    snooze(keys) {
      const all = next.then(({ client }) => Promise.all(keys.map((key) => client.findings.snooze({ key }))))
      all.catch((error: unknown) => log.warn('shell', 'An alert could not be snoozed.', error))
    },
    attached: () => now?.attached ?? false,
    async close() {
      quitting.abort()
      const last = await next.catch(() => null)
      await last?.close()
    },
  }
}

async function reach({ client, hosted, attached }: Opened, log: ServerLog): Promise<Reached> {
  if (hosted === null)
    return {
      client,
      files: attached.files,
      attached: true,
      ended: attached.closed,
      serve: (port) => attached.relay(port, log),
      close: async () => attached.close(),
    }
  await hosted.composed.start()
  return {
    client,
    files: fileRoutes(hosted.composed.api, log),
    attached: false,
    ended: new Promise(() => undefined),
    serve: async (port) => servePort(hosted.router, port, localCaller('window'), log),
    close: () => hosted.close(QUIT_PATIENCE_MS),
  }
}

/** Until the stream ends; a gap in its numbers ends it too, so that it begins anew with a snapshot. */
async function follow(client: Client, signal: AbortSignal, onState: (snapshot: Snapshot) => void): Promise<void> {
  let state: Snapshot | null = null
  for await (const event of await client.live(undefined, { signal })) {
    if (event.kind === 'snapshot') state = event.snapshot
    else {
      const applied: Snapshot | 'gap' = state === null ? 'gap' : applyEvent(state, event)
      if (applied === 'gap') return
      state = applied
    }
    onState(state)
  }
}
