// A process that de-duplicates the queue `celery` at the URL it is given, for a test that kills it.

import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { connectRedis } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { SystemSettings } from '../../../../electron/contract/settings.ts'

const [, , url = ''] = process.argv
const settings = SystemSettings.parse({
  id: 'calls',
  kind: 'recordings',
  database: 'postgres://localhost/x',
  broker: url,
})
if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
const source = connectRedis(readRedisUrl(url, undefined), '')
await createQuarantine(source, settings.celery).move('celery', 'duplicates', 'r1', new AbortController().signal)
await source.close()
