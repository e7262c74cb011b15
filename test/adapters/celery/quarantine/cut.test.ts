// A connection cut at every single command, and Redis restarted in the middle: each message is there once, soon after.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CeleryQuarantine, createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { FailureError } from '../../../../electron/contract/failure.ts'
import type { Quarantined, QuarantineRule } from '../../../../electron/core/ports/broker.ts'
import { failureOf } from '../../../support/acting.ts'
import { type RedisCut, redisCut } from '../../../support/redis-cut.ts'
import { until } from '../../../support/until.ts'
import { brokenSource } from '../broken-source.ts'
import { enqueuer, job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
let proxy: RedisCut
let source: RedisSource
beforeAll(async () => {
  on = await queueStage({}, { persist: true })
  proxy = await redisCut(on.server.port)
  source = connectRedis(readRedisUrl(`redis://127.0.0.1:${proxy.port}/0`, undefined), '')
})
afterAll(async () => {
  await source.close()
  await proxy.close()
  await on.close()
})

const SOON_MS = 8000

async function fill(): Promise<void> {
  await on.clear()
  await on.push(0, ...Array.from({ length: 150 }, (_, i) => (i % 7 === 0 ? enqueuer() : job(i % 40))))
  await on.push(3, ...Array.from({ length: 60 }, (_, i) => job(i % 50)))
}

/** Everything of Unjam's own beside journals: an operation that is completed or taken back leaves none of it. */
const leftovers = async () =>
  (await on.keys()).filter((key) => /^unjam:(lock|operations)|:(src|keep|out)$/.test(key)).toSorted()

async function quarantinedRaws(moved: Quarantined): Promise<string[]> {
  const lists = await Promise.all(
    moved.lists.map(({ key }) => on.source.run('Test', signal, (redis) => redis.lrange(key, 0, -1))),
  )
  return lists.flat()
}

/** Waits until nothing is pending and the connection carries commands again. */
async function repaired(quarantine: CeleryQuarantine): Promise<void> {
  proxy.up()
  await until('it is repaired', () => quarantine.pending().length === 0, SOON_MS)
  await until(
    'Redis answers',
    () => source.run('Test', signal, async (redis) => (await redis.ping()) === 'PONG').catch(() => false),
    SOON_MS,
  )
}

const scripts = (name: string) => name === 'eval'
/** Whether a reading is cut before or after makes no difference; of scripts, which write, both are tried. */
const cuts: { rule: QuarantineRule; when: 'before' | 'after'; counts: (name: string) => boolean; what: string }[] = [
  { rule: 'all', when: 'before', counts: () => true, what: 'command' },
  { rule: 'all', when: 'after', counts: scripts, what: 'script' },
  { rule: 'duplicates', when: 'before', counts: () => true, what: 'command' },
  { rule: 'duplicates', when: 'after', counts: scripts, what: 'script' },
  { rule: 'periodic', when: 'after', counts: scripts, what: 'script' },
]
const undone = (['all', 'duplicates', 'periodic'] as const).flatMap((rule) =>
  (['before', 'after'] as const).map((when) => ({ rule, when })),
)

describe('a connection that is cut', () => {
  it.each(cuts)(
    '$when any $what of a move ($rule): taken back or completed, as outcome says',
    async (cut) => {
      const { rule, when, counts } = cut
      let pending = 0
      for (let n = 1; ; n++) {
        await fill()
        const before = await on.lists()
        const all = before.flatMap(({ raws }) => raws)
        const quarantine = createQuarantine(source, on.app)
        await repaired(quarantine)
        proxy.arm(n, when, { counts })
        const error = await quarantine.move('celery', rule, 'r1', signal).then(
          () => null,
          (thrown: unknown) => thrown,
        )
        if (!proxy.cut()) {
          quarantine.close()
          expect(error).toBeNull()
          break
        }
        if (error instanceof FailureError) {
          expect(error.failure.kind).toBe('unreachable')
          expect(error.failure.remedy).not.toMatch(/Retrying automatically/)
        }
        for (const one of quarantine.pending()) {
          pending++
          expect(one).toEqual({ operation: 'r1', queue: 'celery', setAside: 210, of: 210 })
          expect(String(error)).toContain('210 messages are set aside; Unjam puts them back as soon as Redis answers.')
        }
        await repaired(quarantine)
        const moved = await quarantine.outcome('celery', 'r1', signal)
        expect(await leftovers(), `cut ${when} command ${n}`).toEqual([])
        if (moved === null) {
          expect(await on.lists(), `cut ${when} command ${n}`).toEqual(before)
          expect(error).not.toBeNull()
        } else {
          const here = [...(await on.waiting()), ...(await quarantinedRaws(moved))]
          expect(here.toSorted(), `cut ${when} command ${n}`).toEqual(all.toSorted())
          await quarantine.restore(moved, signal)
          expect(await on.lists()).toEqual(before)
        }
        quarantine.close()
      }
      expect(pending > 0).toBe(rule !== 'all')
    },
    120_000,
  )

  it.each(undone)(
    '$when any script of an undo ($rule): finished soon, and repeated with the same numbers',
    async (cut) => {
      const { rule, when } = cut
      let pending = 0
      for (let n = 1; ; n++) {
        await fill()
        const before = await on.lists()
        const quarantine = createQuarantine(source, on.app)
        await repaired(quarantine)
        const moved = await quarantine.move('celery', rule, 'r1', signal)
        proxy.arm(n, when, { counts: scripts })
        const done = await quarantine.restore(moved, signal).then(
          () => true,
          () => false,
        )
        if (!proxy.cut()) {
          quarantine.close()
          expect(done).toBe(true)
          break
        }
        pending += quarantine.pending().length
        await repaired(quarantine)
        expect(await quarantine.restore(moved, signal), `cut ${when} command ${n}`).toEqual({
          restored: moved.moved,
          left: [],
        })
        expect(await on.lists(), `cut ${when} command ${n}`).toEqual(before)
        expect(await leftovers()).toEqual([])
        quarantine.close()
      }
      expect(pending).toBeGreaterThan(0)
    },
    120_000,
  )
})

it('Redis killed and started again in the middle: the queue is whole within seconds, without a restart of Unjam', async () => {
  await fill()
  const before = await on.lists()
  const through = brokenSource(on.source, {
    async before(script) {
      if (script === 4) await on.server.kill()
    },
  })
  const quarantine = createQuarantine(through, on.app)
  const failure = await failureOf(quarantine.move('celery', 'duplicates', 'r1', signal))
  expect(failure.remedy).toBe('The 210 messages are set aside; Unjam puts them back as soon as Redis answers.')
  expect(quarantine.pending()).toEqual([{ operation: 'r1', queue: 'celery', setAside: 210, of: 210 }])
  await on.server.start()
  expect(await on.server.cli('llen', 'celery')).toBe('0')
  await until('it is repaired', () => quarantine.pending().length === 0, SOON_MS)
  expect(await on.lists()).toEqual(before)
  expect(await leftovers()).toEqual([])
  quarantine.close()
})

it('Redis frozen in the middle: commands that it executes after their deadline lose and double nothing', async () => {
  proxy.up()
  await fill()
  await on.source.run('Test', signal, (redis) => redis.lpush('crawl', job(1), job(2)))
  const before = await on.lists()
  const crawl = () => on.source.run('Test', signal, (redis) => redis.lrange('crawl', 0, -1))
  const purged = await crawl()
  const frozen = Promise.withResolvers<void>()
  const sorting = createQuarantine(
    brokenSource(source, {
      async before(script) {
        if (script !== 2) return
        on.server.freeze()
        frozen.resolve()
      },
    }),
    on.app,
  )
  const purging = createQuarantine(
    brokenSource(source, { before: (script) => (script === 1 ? frozen.promise : Promise.resolve()) }),
    on.app,
  )
  const [one, two] = await Promise.all([
    failureOf(sorting.move('celery', 'duplicates', 'r1', signal)),
    failureOf(purging.move('crawl', 'all', 'r2', signal)),
  ])
  expect(one.remedy).toBe('The 210 messages are set aside; Unjam puts them back as soon as Redis answers.')
  expect(two.remedy).toBe('Unjam checks whether the messages were moved as soon as Redis answers. None is lost.')
  on.server.resume()
  await until('it is repaired', () => sorting.pending().length === 0, SOON_MS)
  const moved = await purging.outcome('crawl', 'r2', signal)
  expect(moved === null ? await crawl() : await quarantinedRaws(moved)).toEqual(purged)
  expect(await sorting.outcome('celery', 'r1', signal)).toBeNull()
  expect(await on.lists()).toEqual(before)
  expect(await leftovers()).toEqual([])
  sorting.close()
  purging.close()
}, 60_000)
