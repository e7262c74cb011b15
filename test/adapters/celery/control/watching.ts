// Watching must not change what is watched: the battery, over one application, for Debian's Celery and the current one.
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { EngineProcess } from '../../../support/child-process.ts'
import { until } from '../../../support/until.ts'
import { type Application, type Contents, type Watched, WORKER, watched } from './watched.ts'

/** Two rounds, so that one was begun after the call; the last of them sees `state`. */
async function rounds(unjam: EngineProcess, state: RegExp): Promise<void> {
  const from = unjam.log().length
  await unjam.said(/round \d+:/, 20_000, from)
  await unjam.said(new RegExp(`round \\d+: ${state.source}\\.`), 20_000, unjam.log().length)
}
const running = new RegExp(`${WORKER}=running`)

const isOurs = (key: string) => /unjam[-:]/.test(key)

function others(now: Contents): Contents {
  return Object.fromEntries(Object.entries(now).filter(([key]) => !isOurs(key)))
}

/** @throws unless nothing but names of Unjam has been added, and each of those expires by itself. */
function expectUntouched(now: Contents, before: Contents): void {
  for (const [key, { expires }] of Object.entries(now)) if (isOurs(key)) expect([key, expires]).toEqual([key, true])
  expect(others(now)).toEqual(before)
}

/** What a worker logs beside the tasks that the test gave it. */
function beside(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => line !== '')
  return lines.filter((line) => !/INFO\/.*process_recording/.test(line))
}

async function cut({ redis }: Watched): Promise<number> {
  const clients = (await redis.cli('CLIENT', 'LIST')).split('\n').filter((line) => / name=unjam /.test(line))
  for (const line of clients) await redis.cli('CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(line)?.[1] ?? '')
  return clients.length
}

export async function watchingChangesNothing(application: Application): Promise<void> {
  const on = await watched(application)
  try {
    // An Unjam that is there before any worker can learn no separator, and must not guess one.
    const first = on.unjam()
    await rounds(first, /.*/)
    expectUntouched(await on.contents(), {})
    await first.kill()

    const worker = await on.worker()
    const answers = await on.answers('before')
    expect(answers).toMatchObject({ ping: { [WORKER]: { ok: 'pong' } }, task: { recording_id: 'before' } })
    expect(Object.entries(answers).filter(([, answer]) => answer === null)).toEqual([])
    const before = others(await on.contents())
    expect(Object.keys(before)).not.toContain(on.key('_kombu.binding.reply.celery.pidbox'))
    const quiet = beside(worker.log())
    const expectSame = async (what: string) => {
      expect(await on.answers(what)).toEqual({ ...answers, task: { recording_id: what } })
      expectUntouched(await on.contents(), before)
      expect(beside(worker.log())).toEqual(quiet)
    }

    const second = on.unjam()
    await rounds(second, running)
    await expectSame('watched')

    expect(await cut(on)).toBeGreaterThan(0)
    await rounds(second, running)
    await expectSame('cut')

    // Killed while requests are in flight, which the worker answers only afterwards.
    worker.freeze()
    await rounds(second, /.*/)
    await second.kill()
    worker.resume()
    await until('the late replies arrive', async () =>
      Object.values(await on.contents()).some(({ value }) => JSON.stringify(value).includes('\\"ticket\\"')),
    )
    await expectSame('killed')

    const { theirs, living } = await leaveBehind(on)
    const third = on.unjam()
    await rounds(third, running)
    await until('the lists are gone', async () =>
      Object.entries(await on.contents()).every(([key, { expires }]) => expires || !key.includes('unjam-')),
    )
    await third.stop()
    expect(await third.ended).toBe(0)
    expect(Object.keys(await on.contents())).toContain(living)
    expect(await on.redis.cli('SMEMBERS', REPLY_BINDING(on))).toBe(theirs)
    await on.redis.cli('SREM', REPLY_BINDING(on), theirs)
    await expectSame('closed')
  } finally {
    await on.close()
  }
}

const REPLY_BINDING = (on: Watched) => on.key('_kombu.binding.reply.celery.pidbox')

/**
 * What Unjams left that were killed while they still wrote members, in every separator: one of them breaks all replies
 * of all workers. Beside them the member of another program and the list of an Unjam that lives.
 */
async function leaveBehind(on: Watched): Promise<{ theirs: string; living: string }> {
  const member = (oid: string, separator: string) => [oid, '', `${oid}.reply.celery.pidbox`].join(separator)
  const list = (oid: string) => on.key(`${oid}.reply.celery.pidbox`)
  const dead = ['\x06\x16', ':', '--', '|'].map((separator) => ({ oid: `unjam-${randomUUID()}`, separator }))
  const theirs = member('somebody', on.separator)
  await on.redis.cli('SADD', REPLY_BINDING(on), theirs, ...dead.map(({ oid, separator }) => member(oid, separator)))
  // The last one's binding has gone already.
  for (const oid of [...dead.map((one) => one.oid), `unjam-${randomUUID()}`])
    await on.redis.cli('LPUSH', list(oid), 'a late reply')
  const living = list(`unjam-${randomUUID()}`)
  await on.redis.cli('LPUSH', living, 'unjam')
  await on.redis.cli('EXPIRE', living, '100')
  return { theirs, living }
}
