// A core that runs as in `serve`, without the page: `node hosted-core-main.ts DATA_DIR`; each line on stdin asks for something.
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { takeCoreLock } from '../../electron/adapters/core-lock.ts'
import { hostCore } from '../../electron/compose/host-core.ts'

const dataDir = process.argv[2] ?? ''
const lock = takeCoreLock(dataDir)
if (lock === null) throw new Error('the data directory is taken')
const root = join(import.meta.dirname, '../..')
const hosted = await hostCore({ dataDir, root, host: 'browser', lock })
await hosted.composed.start()
const out = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
out('running')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'snapshot') out(hosted.composed.api.core.latest())
  if (line === 'notices') out(hosted.composed.notices)
  if (line === 'fail') setTimeout(() => JSON.parse('{'), 0)
}
await hosted.close(0)
