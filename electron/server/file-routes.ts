// /files and /media: the two routes that carry bytes instead of calls, the same in every host.
import { FailureError } from '../contract/failure.ts'
import type { Api } from '../core/api.ts'
import { bug } from './answer-failures.ts'
import { media } from './media.ts'
import type { ServerLog } from './server-log.ts'
import { secured, staticFile } from './static-files.ts'
import { upload } from './uploads.ts'
import { failureResponse, type Handle, plain } from './web-exchange.ts'

/** Answers /files and /media from `api`; 404 for anything else. Never throws. */
export function fileRoutes({ core, machine }: Api, log: ServerLog): Handle {
  return async (request) => {
    const { pathname } = new URL(request.url)
    try {
      if (pathname === '/files') return await upload(machine, request)
      if (pathname.startsWith('/media/')) return await media(core, request)
      return plain(404, 'There is nothing at this address.')
    } catch (thrown) {
      if (request.signal.aborted) return plain(499, 'The client went away.')
      if (thrown instanceof FailureError) {
        log.warn('files', thrown.message, thrown.cause)
        return failureResponse(thrown.failure)
      }
      log.error('files', `${request.method} ${pathname} ended in an error that Unjam did not foresee.`, thrown)
      return failureResponse(bug(pathname.startsWith('/media/') ? 'the player' : 'an upload'))
    }
  }
}

/** Everything a window or browser loads: files and recordings by `files`, the renderer from `assets`. */
export function pageRoutes(assets: string, files: Handle): Handle {
  return async (request) => {
    const { pathname } = new URL(request.url)
    const bytes = pathname === '/files' || pathname.startsWith('/media/')
    return secured(bytes ? await files(request) : await staticFile(assets, request))
  }
}
