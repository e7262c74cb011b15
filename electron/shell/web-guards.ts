// What no page may do, whoever wrote it: leave our origin, open windows, ask for permissions, load anything foreign.
import { app, session, type WebContents } from 'electron'
import type { ServerLog } from '../server/server-log.ts'
import { isOurs, mayLoad } from './origin.ts'

/** For every page of the process, before the first exists. */
export function guardPages(log: ServerLog): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log))
}

/** After ready: without handlers of ours Electron grants every permission. */
export function guardSession(log: ServerLog): void {
  const ours = session.defaultSession
  ours.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  ours.setPermissionCheckHandler(() => false)
  ours.setDevicePermissionHandler(() => false)
  ours.webRequest.onBeforeRequest(({ url }, answer) => {
    const cancel = !mayLoad(url, app.isPackaged)
    if (cancel) log.warn('window', `A request to ${url} was blocked.`)
    answer({ cancel })
  })
}

function guardContents(contents: WebContents, log: ServerLog): void {
  contents.setWindowOpenHandler(({ url }) => {
    log.warn('window', `A new window for ${url} was refused.`)
    return { action: 'deny' }
  })
  const stay = (event: { preventDefault(): void; url: string }) => {
    if (isOurs(event.url)) return
    event.preventDefault()
    log.warn('window', `Leaving for ${event.url} was refused.`)
  }
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
