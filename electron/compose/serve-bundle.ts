// Serves a bundle read-only for a browser on this computer, at an address of its own.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Bundle } from '../contract/bundle.ts'
import { serveHttp } from '../server/http-link.ts'
import { createRouter } from '../server/router.ts'
import type { ServerLog } from '../server/server-log.ts'
import { replayApi } from './replay-api.ts'

export interface ServedBundle {
  /** A one-time link: the first browser that opens it is signed in. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

export async function serveBundle(
  bundle: Bundle,
  { root, log, port = 0 }: { root: string; log: ServerLog; port?: number | null },
): Promise<ServedBundle> {
  const { api, close } = replayApi(bundle)
  try {
    const link = await serveHttp({
      ...{ api, log, port, router: createRouter(api, log), assets: join(root, 'out', 'renderer') },
      token: randomBytes(32).toString('base64url'),
    })
    return {
      url: link.url,
      port: link.port,
      async close() {
        await link.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
