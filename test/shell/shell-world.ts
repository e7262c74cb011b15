// A shell started on the stand-in of electron, with a core hosted in memory or attached over a real socket.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { createRouterClient } from '@orpc/server'
import type { Client } from '../../electron/server/attached-core.ts'
import { localCaller } from '../../electron/server/caller.ts'
import { createRouter } from '../../electron/server/router.ts'
import type { Opened } from '../../electron/shell/core-link.ts'
import { type ShellParts, startShell } from '../../electron/shell/start-shell.ts'
import { seen } from '../support/electron-double.ts'
import { type FakeApi, fakeApi, memoryLog } from '../support/fake-api.ts'

export interface World {
  readonly dataDir: string
  readonly api: FakeApi
  readonly log: ReturnType<typeof memoryLog>
  /** In order: 'start' and 'close' of the hosted core. */
  readonly life: string[]
  readonly parts: ShellParts
}

export function shellWorld(change: Partial<ShellParts> = {}): World {
  const dataDir = mkdtempSync(join(tmpdir(), 'unjam-shell-'))
  mkdirSync(join(dataDir, 'desktop'))
  writeFileSync(join(dataDir, 'index.html'), '<!doctype html><title>Unjam</title>')
  const api = fakeApi(join(dataDir, 'recordings'))
  const log = memoryLog()
  const life: string[] = []
  const router = createRouter(api, log)
  const hosted: Opened = {
    client: createRouterClient(router, { context: { caller: localCaller('window') } }),
    attached: null,
    hosted: {
      composed: {
        api,
        start: async () => {
          life.push('start')
        },
      },
      router,
      close: async () => {
        life.push('close')
      },
    },
  }
  const parts: ShellParts = {
    appId: 'dev.unjam.test',
    toastClsid: '{00000000-0000-0000-0000-000000000000}',
    dataDir,
    assets: dataDir,
    preload: '/x/preload.cjs',
    icons: '/icons',
    hidden: false,
    log,
    open: async () => hosted,
    ...change,
  }
  return { dataDir, api, log, life, parts }
}

/** The only window, after the shell has started. */
export async function started(world: World) {
  if (!(await startShell(world.parts))) throw new Error('the shell did not start')
  const [window] = seen.windows
  const [tray] = seen.trays
  if (window === undefined || tray === undefined) throw new Error('the shell opened no window or no tray')
  return { window, tray }
}

export function clientOf(port: MessagePort): Client {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return client
}
