// A process killed (SIGKILL) before and after every script that it sends: each message once, all or nothing.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Quarantined } from '../../../../electron/core/ports/broker.ts'
import { type RedisCut, redisCut } from '../../../support/redis-cut.ts'
import { job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
let proxy: RedisCut
beforeAll(async () => {
  on = await queueStage()
  proxy = await redisCut(on.server.port)
})
afterAll(async () => {
  await proxy.close()
  await on.close()
})

/** How the child ended: its exit code, or the signal that ended it. */
async function run(verb: 'move' | 'restore', rule: 'all' | 'duplicates', n: number, when: 'before' | 'after') {
  const url = `redis://127.0.0.1:${proxy.port}/0`
  const child = spawn(process.execPath, [join(import.meta.dirname, 'move-main.ts'), url, verb, rule], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, name) => resolve(name ?? code)),
  )
  proxy.arm(n, when, { counts: (name) => name === 'eval', at: () => child.kill('SIGKILL') })
  const how = await ended
  proxy.up()
  return how
}

/** The lock of the dead process lapses after 10 s; nobody has to wait for it here. */
const lapse = () => on.server.cli('del', 'unjam:lock:celery')

async function inQuarantine(moved: Quarantined): Promise<string[]> {
  const lists = await Promise.all(
    moved.lists.map(({ key }) => on.source.run('Test', signal, (redis) => redis.lrange(key, 0, -1))),
  )
  return lists.flat()
}

const cases = (['all', 'duplicates'] as const).flatMap((rule) =>
  (['before', 'after'] as const).map((when) => ({ rule, when })),
)

describe('a process that is killed', () => {
  it.each(cases)(
    '$when any script of a move ($rule)',
    async ({ rule, when }) => {
      let kills = 0
      for (let n = 1; ; n++) {
        await on.clear()
        await on.push(0, ...Array.from({ length: 120 }, (_, i) => job(i % 30)))
        const before = await on.lists()
        const how = await run('move', rule, n, when)
        if (how === 0) break
        expect(how).toBe('SIGKILL')
        kills++
        await lapse()
        // Every second time by what runs at the next start.
        if (n % 2 === 0) await on.quarantine.recover(signal)
        const moved = await on.quarantine.outcome('celery', 'r1', signal)
        if (moved === null) expect(await on.lists(), `killed ${when} script ${n}`).toEqual(before)
        else {
          const all = [...(await on.waiting()), ...(await inQuarantine(moved))]
          expect(all.toSorted(), `killed ${when} script ${n}`).toEqual(before.flatMap(({ raws }) => raws).toSorted())
          expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: moved.moved, left: [] })
          expect(await on.lists()).toEqual(before)
        }
      }
      expect(kills).toBeGreaterThanOrEqual(rule === 'all' ? 1 : 4)
    },
    120_000,
  )

  it.each(cases)(
    '$when any script of an undo ($rule)',
    async ({ rule, when }) => {
      let kills = 0
      for (let n = 1; ; n++) {
        await on.clear()
        await on.push(0, ...Array.from({ length: 120 }, (_, i) => job(i % 30)))
        const before = await on.lists()
        const moved = await on.quarantine.move('celery', rule, 'r1', signal)
        const how = await run('restore', rule, n, when)
        if (how === 0) break
        kills++
        await lapse()
        if (n % 2 === 0) await on.quarantine.recover(signal)
        const restored = { restored: moved.moved, left: [] }
        expect(await on.quarantine.restore(moved, signal), `killed ${when} script ${n}`).toEqual(restored)
        expect(await on.lists(), `killed ${when} script ${n}`).toEqual(before)
        expect(await on.quarantine.restore(moved, signal)).toEqual(restored)
      }
      expect(kills).toBeGreaterThanOrEqual(2)
    },
    120_000,
  )
})
