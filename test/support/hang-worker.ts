// Hangs the control consumer of a real worker as a foreign program would: with a command that has no method.
import type { TestRedis } from './redis.ts'

/** To this worker alone. Unjam refuses to send such a message (`faultOf`), so a test sends it raw. */
export async function hangWorker(redis: TestRedis, worker: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ arguments: {}, destination: [worker] })).toString('base64')
  const message = {
    body,
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { clock: 1, expires: 0 },
    properties: {
      delivery_mode: 2,
      delivery_info: { exchange: 'celery.pidbox', routing_key: '' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: 'malformed',
    },
  }
  await redis.cli('PUBLISH', '/0.celery.pidbox', JSON.stringify(message))
}
