// A connection that does something before each script, and dies before a chosen one: a crash at any step.
import type { Redis, RedisSource } from '../../../electron/adapters/celery/redis/connect.ts'

/**
 * `before` runs ahead of each script, counted from 1 over all of them; the order of commands stays. Once `dies` was
 * reached nothing is ever sent again, not even by what would clean up: the process is gone.
 */
export function brokenSource(
  source: RedisSource,
  { dies = Number.POSITIVE_INFINITY, before }: { dies?: number; before?: (script: number) => Promise<void> },
): RedisSource {
  let scripts = 0
  let last: Promise<unknown> = Promise.resolve()
  const broken = (redis: Redis): Redis =>
    new Proxy(redis, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          const send = async () => {
            if (name === 'eval' && scripts < dies) scripts++
            if (scripts >= dies) throw new Error('Connection is closed.')
            if (name === 'eval') await before?.(scripts)
            return Reflect.apply(value, target, args)
          }
          const sent = last.then(send, send)
          last = sent
          return sent
        }
      },
    })
  return { ...source, run: (tried, signal, work) => source.run(tried, signal, (redis) => work(broken(redis))) }
}
