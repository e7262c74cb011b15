// How this app hands out messages: asked of its workers, because only they know what their code sets.
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Delivery } from '../../../core/ports/broker.ts'
import { lastName } from '../message/job-of.ts'
import { readAcksLate, readRegistered, readVisibility } from './answers.ts'
import type { Pidbox } from './pidbox.ts'

/** kombu/transport/redis.py: `visibility_timeout = 3600`. */
const DEFAULT_S = 3600

/** The most cautious of what workers answer: the shortest timeout, and late where one of them says so. */
export async function readDelivery(
  pidbox: Pidbox,
  app: CelerySettings,
  expected: readonly string[],
  waitMs: number,
  signal: AbortSignal,
): Promise<Delivery> {
  const asking = { destination: null, expected, waitMs, signal }
  const [conf, registered] = await Promise.all([
    pidbox.ask({ method: 'conf' }, asking),
    pidbox.ask({ method: 'registered', about: 'acks_late' }, asking),
  ])
  const told = conf.replies.flatMap(({ value }) => readVisibility(value) ?? [])
  const late = registered.replies.flatMap(({ value }) => {
    const name = readRegistered(value)?.find((one) => lastName(one) === lastName(app.jobTask))
    return (name === undefined ? null : readAcksLate(value, name)) ?? []
  })
  return {
    visibilityTimeoutMs: (told.length === 0 ? DEFAULT_S : Math.min(...told)) * 1000,
    from: told.length === 0 ? 'default' : 'worker',
    acksLate: late.length === 0 ? null : late.includes(true),
  }
}
