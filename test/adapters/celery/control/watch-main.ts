// A process that watches a broker as the core does, until SIGTERM closes it in order or a test kills it.
import { celeryBroker } from '../../../../electron/adapters/celery/celery-broker.ts'
import { SystemSettings } from '../../../../electron/contract/settings.ts'

const [, , broker = '', results = '', keyPrefix = ''] = process.argv
const settings = SystemSettings.parse({
  id: 'watched',
  kind: 'recordings',
  database: 'postgres://localhost/x',
  broker,
  celery: { keyPrefix },
})
if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
const watching = celeryBroker({ broker, results, app: settings.celery })
const stop = Promise.withResolvers<void>()
let stopped = false
process.once('SIGTERM', () => {
  stopped = true
  stop.resolve()
})

for (let round = 1; !stopped; round++) {
  const signal = AbortSignal.timeout(5000)
  const read = await Promise.allSettled([
    watching.control.workers(signal),
    watching.control.tasks(signal),
    watching.queues.queues(signal),
    watching.results.summary(signal),
    watching.delivery(signal),
  ])
  const [workers] = read
  const states = workers.status === 'fulfilled' ? workers.value.map(({ name, state }) => `${name}=${state}`) : ['?']
  console.log(`round ${round}: ${states.join(' ')}.`)
  await Promise.race([stop.promise, new Promise((resolve) => setTimeout(resolve, 200))])
}
await watching.close()
