// Host without Electron: the core, the local endpoint and the built interface for a browser on this computer.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { announce, freshLink, withdraw } from './compose/browser-address.ts'
import { buildInterface } from './compose/build-interface.ts'
import type { HostedCore } from './compose/host-core.ts'
import { openCore } from './compose/open-core.ts'
import { FailureError } from './contract/failure.ts'
import type { Attached } from './server/attached-core.ts'
import { type HttpLink, serveHttp } from './server/http-link.ts'

const lookEveryMs = 200

export interface ServeOptions {
  readonly dataDir: string
  readonly root: string
  /** null: the usual port, or the next free one. */
  readonly port: number | null
  /** A token chosen by the person for /api; null: a random one. The printed link has another, which works once. */
  readonly token: string | null
  /** Aborted: everything is stopped within seconds. */
  readonly signal: AbortSignal
  say(sentence: string): void
  /** Told once, when the interface can be opened; `already` when another process serves it. */
  running(address: { url: string; port: number; already: boolean }): void
}

/** Resolves when the signal has aborted and everything is stopped, or at once when Unjam is served already. */
export async function serve(options: ServeOptions): Promise<void> {
  const { dataDir, root, say, signal } = options
  for (;;) {
    const core = await openCore({ dataDir, root, host: 'browser', signal })
    if (core.hosted !== null) return hostBrowser(core.hosted, options)
    try {
      const url = await addressOf(core.attached, options)
      if (url !== null) return options.running({ url, port: Number(new URL(url).port), already: true })
    } finally {
      core.attached.close()
    }
    say('The other Unjam has ended.')
  }
}

async function hostBrowser(core: HostedCore, options: ServeOptions): Promise<void> {
  const { dataDir, root, port, signal, say } = options
  let link: HttpLink | null = null
  try {
    await buildInterface(root, say, signal)
    const token = options.token ?? randomBytes(32).toString('base64url')
    link = await serveHttp({
      api: core.composed.api,
      router: core.router,
      assets: join(root, 'out', 'renderer'),
      token,
      port,
      log: core.log,
    })
    if (link.notice !== null) core.composed.notice(link.notice)
    for (const notice of core.composed.notices) say(notice)
    announce(dataDir, { port: link.port, token })
    await core.composed.start()
    options.running({ url: link.url, port: link.port, already: false })
    await aborted(signal)
  } finally {
    withdraw(dataDir)
    await link?.close()
    await core.close(0)
  }
}

/**
 * A fresh link of the Unjam that runs already; null when it has ended. One that is still starting has none yet, a
 * command ends by itself, and a window is the same app and is named.
 */
async function addressOf(attached: Attached, { dataDir, say, signal }: ServeOptions): Promise<string | null> {
  const { host } = await attached.client.host.info({})
  if (host === 'desktop')
    throw new FailureError({
      kind: 'busy',
      tried: 'Serve Unjam for a browser',
      on: dataDir,
      because: 'Unjam already runs on this data directory, in its desktop window',
      remedy: 'Use that window, or quit it from its tray icon first.',
    })
  let ended = false
  attached.closed.then(() => {
    ended = true
  })
  if (host === 'terminal') say('A command of Unjam runs on this data directory; waiting for it to end.')
  while (!ended) {
    signal.throwIfAborted()
    const url = host === 'browser' ? await freshLink(dataDir) : null
    if (url !== null) return url
    await Promise.race([attached.closed, new Promise((next) => setTimeout(next, lookEveryMs))])
  }
  return null
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
