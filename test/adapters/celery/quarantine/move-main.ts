// A process that moves messages of the queue `celery` or puts them back, for tests that kill it: URL, verb, rule.
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { connectRedis } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { SystemSettings } from '../../../../electron/contract/settings.ts'

const [, , url = '', verb, rule = ''] = process.argv
const database = 'postgres://localhost/x'
const settings = SystemSettings.parse({ id: 'calls', kind: 'recordings', database, broker: url })
if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
if (rule !== 'all' && rule !== 'duplicates' && rule !== 'periodic') throw new Error(`no rule ${rule}`)
const source = connectRedis(readRedisUrl(url, undefined), '')
const quarantine = createQuarantine(source, settings.celery)
const { signal } = new AbortController()
if (verb === 'restore') {
  const moved = await quarantine.outcome('celery', 'r1', signal)
  if (moved === null) throw new Error('nothing was moved')
  await quarantine.restore(moved, signal)
} else await quarantine.move('celery', rule, 'r1', signal)
quarantine.close()
await source.close()
