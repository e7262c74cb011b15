// Electron's entry: which data directory, which files, which core. How the app starts is start-shell.ts.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { app } from 'electron'
import { createLog } from '../adapters/log.ts'
import { dataDirectory } from '../compose/data-folder.ts'
import { guardProcess } from '../compose/guard-process.ts'
import { openCore } from '../compose/open-core.ts'
import { startShell } from './start-shell.ts'

// Unknown arguments are Chromium's own.
const options = { data: { type: 'string' }, hidden: { type: 'boolean' } } as const
const { values } = parseArgs({ args: process.argv.slice(1), options, strict: false })
const given = typeof values.data === 'string' ? values.data : undefined
const dataDir = dataDirectory(given)
const bundle = app.getAppPath()
const root = app.isPackaged ? process.resourcesPath : bundle
const log = createLog({ file: join(dataDir, 'logs', 'desktop.log'), stderr: !app.isPackaged, secrets: () => [] })

process.on('unhandledRejection', (error) => log.error('shell', 'An internal error occurred.', error))

// Not awaited at the top: Electron is only ready after this module has been evaluated.
startShell({
  appId: 'dev.unjam.desktop',
  toastClsid: '{6C0C4A0B-52C2-4B0E-9D5C-3B7A2C1F9E41}',
  dataDir,
  assets: join(bundle, 'out', 'renderer'),
  preload: join(bundle, 'out', 'shell', 'preload.cjs'),
  icons: join(root, 'resources', 'icons'),
  hidden: values.hidden === true,
  log,
  open: (signal) => openCore({ dataDir, root, host: 'desktop', signal }),
})
  .then(() => guardProcess({ log: (message, error) => log.error('shell', message, error), notice: () => undefined }))
  .catch((error: unknown) => {
    log.error('shell', 'The desktop app could not be started.', error)
    app.exit(1)
  })
