// app://bundle: the built renderer, uploads and recordings, by the very handlers that the browser host uses.
import { protocol } from 'electron'
import { pageRoutes } from '../server/file-routes.ts'
import { type Handle, plain } from '../server/web-exchange.ts'
import { isOurs, ORIGIN, SCHEME } from './origin.ts'

/** Before ready. `stream` lets the player seek. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }])
}

export function serveApp(assets: string, files: Handle): void {
  const answer = pageRoutes(assets, files)
  protocol.handle(SCHEME, async (request) => {
    const origin = request.headers.get('origin')
    if (!isOurs(request.url)) return plain(404, 'There is nothing at this address.')
    if (origin !== null && origin !== ORIGIN) return plain(403, 'Unjam does not take requests from other pages.')
    return answer(request)
  })
}
