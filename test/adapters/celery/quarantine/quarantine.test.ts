// Purge, de-duplicate and collapse on a real Redis, and their undo: what moved, what did not, byte for byte.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../../../support/acting.ts'
import { enqueuer, job, message, PROCESS, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage()
})
afterAll(() => on.close())
beforeEach(() => on.clear())

const many = (n: number, of: (i: number) => string) => Array.from({ length: n }, (_, i) => of(i))
const move = (rule: 'all' | 'duplicates' | 'periodic', operation = 'r1') =>
  on.quarantine.move('celery', rule, operation, signal)
const DAY = 24 * 60 * 60
const ours = async () => (await on.keys()).filter((key) => key.includes('unjam:')).toSorted()
/** Of every key of Unjam's own: none may expire before its time, or be evicted because it has a TTL. */
const ttls = async () => new Set(await Promise.all((await ours()).map((key) => on.server.cli('ttl', key))))

async function fill() {
  await on.push(0, ...many(90, () => enqueuer()), ...many(20, (i) => job(i)), ...many(20, (i) => job(i)))
  await on.push(3, job(1), job('x'), message({ task: 'other', args: [1] }))
  await on.push(9, job(2), job(1000))
}

describe('purge', () => {
  it('moves all four lists at once, keeps them without a TTL, and puts them back byte for byte', async () => {
    await fill()
    const before = await on.lists()
    const moved = await move('all')
    expect(moved).toMatchObject({ operation: 'r1', queue: 'celery', rule: 'all', moved: 135 })
    expect(moved.lists.map(({ priority, messages }) => [priority, messages])).toEqual([
      [0, 130],
      [3, 3],
      [9, 2],
    ])
    expect(Date.parse(moved.until) - Date.now()).toBeGreaterThan((DAY - 60) * 1000)
    expect(await on.waiting()).toEqual([])
    expect(await ttls()).toEqual(new Set(['-1']))
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 135, left: [] })
    expect(await on.lists()).toEqual(before)
    expect(before.map(({ ttl }) => ttl)).toEqual([-1, -1, -2, -1])
    expect(await ours()).toEqual(['unjam:kept', 'unjam:quarantine:r1'])
  })

  it('touches neither unacknowledged messages nor another queue', async () => {
    await on.push(0, job(1))
    await on.server.cli('hset', 'unacked', 'tag', JSON.stringify([JSON.parse(job(2)), '', 'celery']))
    await on.server.cli('lpush', 'crawl', job(3))
    const plan = await on.quarantine.plan('celery', 'all', signal)
    expect(plan).toMatchObject({ messages: 1, moves: 1, unacked: 1 })
    await move('all')
    expect(await on.server.cli('hlen', 'unacked')).toBe('1')
    expect(await on.server.cli('llen', 'crawl')).toBe('1')
  })

  it('is undone behind newcomers, which stay; a job that waits again is not put back twice and is listed', async () => {
    const old = many(5, (i) => job(i))
    await on.push(0, ...old)
    const moved = await move('all')
    const newcomers = [enqueuer(), job(7), job(2)]
    await on.push(0, ...newcomers)
    const undone = await on.quarantine.restore(moved, signal)
    expect(await on.waiting()).toEqual([old[0], old[1], old[3], old[4], ...newcomers])
    expect(undone.restored).toBe(4)
    expect(undone.left).toEqual([{ id: JSON.parse(old[2] ?? '').headers.id, because: 'job 2 is queued again' }])
    // It is not deleted either.
    expect(await on.server.cli('lrange', 'unjam:quarantine:r1:celery:0:aside', '0', '-1')).toBe(old[2])
    expect(await ttls()).toEqual(new Set(['-1']))
  })

  it('is not undone for a job that a worker has taken from the refilled queue and not acknowledged', async () => {
    await on.push(0, job(1), job(2))
    const moved = await move('all')
    await on.server.cli('hset', 'unacked', 'tag', JSON.stringify([JSON.parse(job(2)), '', 'celery']))
    expect(await on.quarantine.restore(moved, signal)).toMatchObject({ restored: 1 })
  })

  it('leaves nothing half-done when more newcomers came than one step moves', async () => {
    const old = many(2500, () => enqueuer())
    await on.push(0, ...old)
    const moved = await move('all')
    const newcomers = many(3500, () => enqueuer())
    await on.push(0, ...newcomers)
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 2500, left: [] })
    expect(await on.waiting()).toEqual([...old, ...newcomers])
  })

  it('works on a queue with a prefix', async () => {
    const other = await queueStage({ keyPrefix: 'app1:' })
    try {
      await other.push(0, job(1))
      const before = await other.lists()
      const moved = await other.quarantine.move('celery', 'all', 'r1', signal)
      expect(await other.keys()).toEqual(
        expect.arrayContaining(['app1:unjam:quarantine:r1', 'app1:unjam:quarantine:r1:celery:0']),
      )
      await other.quarantine.restore(moved, signal)
      expect(await other.lists()).toEqual(before)
    } finally {
      await other.close()
    }
  })
})

describe('de-duplicate', () => {
  it('keeps the first of each job over all priorities, and undo rebuilds the very order', async () => {
    await fill()
    const before = await on.lists()
    const plan = await on.quarantine.plan('celery', 'duplicates', signal)
    expect(plan).toMatchObject({ messages: 135, moves: 22, read: 135 })
    expect(plan.groups.find(({ task }) => task === PROCESS)).toMatchObject({ messages: 44, moves: 22 })
    expect(await on.lists()).toEqual(before)
    const moved = await move('duplicates')
    expect(moved.moved).toBe(22)
    const kept = (await on.lists()).map(({ raws, ttl }) => [raws.length, ttl])
    expect(kept).toEqual([
      [110, -1],
      [2, -1],
      [0, -2],
      [1, -1],
    ])
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 22, left: [] })
    expect(await on.lists()).toEqual(before)
    expect(await ours()).toEqual(['unjam:kept', 'unjam:quarantine:r1'])
  })

  it('knows a job by its id, however the sender wrote it, and never merges what could differ', async () => {
    const first = job('42')
    const same = [job('42'), message({ kwargs: { recording_id: '42' } }), message({ args: [42] })]
    const other = [
      job('42', { args: ['42', { force: true }] }),
      job('42', { headers: { retries: 1 } }),
      job('42', { headers: { eta: '2026-11-22T00:54:29.256059+00:00' } }),
      job('42', { headers: { redelivered: true } }),
      job('42', { headers: { group: 'g' } }),
      job('42', { embed: { callbacks: [{ task: 'next' }] } }),
      job('42', { embed: { chain: [{ task: 'next' }] } }),
      job('42', { embed: { chord: { task: 'next' } } }),
      job('42', { headers: { compression: 'application/x-bz2' } }),
      message({ task: 'other', args: ['42'] }),
      message({ task: 'other', args: ['42'] }),
      enqueuer(),
      enqueuer(),
      'not json at all',
    ]
    await on.push(0, first, ...other, ...same)
    const moved = await move('duplicates')
    expect(moved.moved).toBe(same.length)
    expect(await on.waiting()).toEqual([first, ...other])
  })

  it('tells numbers apart that a double cannot', async () => {
    const large = ['9007199254740993', '9007199254740992'].map((id) =>
      job(0).replace(/"body": "[^"]+"/, () => {
        const body = `[[${id}], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`
        return `"body": "${Buffer.from(body).toString('base64')}"`
      }),
    )
    await on.push(0, ...large)
    expect((await on.quarantine.plan('celery', 'duplicates', signal)).moves).toBe(0)
  })
})

describe('collapse', () => {
  it('93 enqueuers become 1, and jobs stay as they are', async () => {
    const jobs = [job(1), job(1)]
    const enqueuers = many(93, () => enqueuer())
    await on.push(0, ...enqueuers.slice(0, 50), ...jobs, ...enqueuers.slice(50))
    const before = await on.lists()
    expect(await on.quarantine.plan('celery', 'periodic', signal)).toMatchObject({ messages: 95, moves: 92 })
    const moved = await move('periodic')
    expect(moved.moved).toBe(92)
    expect(await on.waiting()).toEqual([enqueuers[0], ...jobs])
    await on.quarantine.restore(moved, signal)
    expect(await on.lists()).toEqual(before)
  })

  it('takes any task without arguments, none with different ones, and none with something hanging on it', async () => {
    const kept = [
      message({ task: 'clean' }),
      enqueuer({ args: [1] }),
      enqueuer({ args: [2] }),
      message({ task: 'mail', args: ['a'] }),
      message({ task: 'mail', args: ['a'] }),
      message({ task: 'clean', embed: { callbacks: [{ task: 'next' }] } }),
      message({ task: 'clean', headers: { retries: 2 } }),
    ]
    await on.push(0, ...kept, message({ task: 'clean' }), enqueuer({ args: [2] }))
    expect((await move('periodic')).moved).toBe(2)
    expect(await on.waiting()).toEqual(kept)
  })
})

describe('undo of a de-duplication in a queue that went on', () => {
  it('puts every message where it stood, without those that workers took, before newcomers', async () => {
    const raws = ['a', 'b', 'a', 'c', 'b', 'd', 'c', 'a'].map((id) => job(id))
    await on.push(0, ...raws)
    const moved = await move('duplicates')
    // Kept are a b c d: a worker takes a and b, two others come.
    expect([await on.pop(), await on.pop()]).toEqual([raws[0], raws[1]])
    const newcomers = [job('e'), job('a')]
    await on.push(0, ...newcomers)
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 4, left: [] })
    expect(await on.waiting()).toEqual([...raws.slice(2), ...newcomers])
  })

  it('puts them at the oldest end when everything that stayed is gone', async () => {
    const raws = ['a', 'b', 'a', 'b'].map((id) => job(id))
    await on.push(0, ...raws)
    const moved = await move('duplicates')
    await on.pop()
    await on.pop()
    await on.push(0, job('z'))
    const [z] = await on.waiting()
    await on.quarantine.restore(moved, signal)
    expect(await on.waiting()).toEqual([raws[2], raws[3], z])
  })
})

describe('says with a sentence', () => {
  it('that the quarantine is gone, and changes nothing', async () => {
    await on.push(0, job(1))
    const moved = await move('all')
    await on.server.cli('del', ...moved.lists.map(({ key }) => key))
    await on.push(0, job(2))
    const before = await on.lists()
    expect(await failureOf(on.quarantine.restore(moved, signal))).toMatchObject({
      kind: 'missing',
      because: 'they are no longer in Redis: unjam:quarantine:r1:celery:0 was deleted or evicted',
    })
    expect(
      await failureOf(on.quarantine.restore({ ...moved, until: '2026-01-01T00:00:00.000Z' }, signal)),
    ).toMatchObject({
      because: 'their 24 h ended at 2026-01-01T00:00:00.000Z, and Unjam deleted them',
    })
    expect(await on.lists()).toEqual(before)
    expect(await on.server.cli('exists', 'unjam:lock:celery')).toBe('0')
  })

  it('that a part is missing, and puts the rest back', async () => {
    await on.push(0, job(1))
    await on.push(3, job(2), job(3))
    const moved = await move('all')
    await on.server.cli('del', 'unjam:quarantine:r1:celery:3')
    expect(await on.quarantine.restore(moved, signal)).toEqual({
      restored: 1,
      left: [{ id: 'unjam:quarantine:r1:celery:3', because: '2 of its 2 messages were missing' }],
    })
  })

  it('that it is no queue, that somebody works on it, that a quarantine of that name exists', async () => {
    await on.server.cli('hset', 'celery', 'a', 'b')
    expect(await failureOf(on.quarantine.plan('celery', 'all', signal))).toMatchObject({
      because: 'the key of that name is a hash, not a queue',
    })
    expect((await failureOf(move('all'))).kind).toBe('invalid')
    await on.server.cli('del', 'celery')
    await on.push(0, job(1), job(1))
    await on.server.cli('set', 'unjam:lock:celery', 'token duplicates', 'PX', '60000')
    for (const work of [on.quarantine.plan('celery', 'all', signal), move('all'), move('duplicates')])
      expect(await failureOf(work)).toMatchObject({
        kind: 'busy',
        because: 'a de-duplication is working on this queue',
        remedy: 'It ends within seconds; try it again then.',
      })
    await on.server.cli('del', 'unjam:lock:celery')
    await on.server.cli('lpush', 'unjam:quarantine:r1:celery:0', job(9))
    expect((await failureOf(move('all'))).because).toBe('there is a quarantine unjam:quarantine:r1:celery:0 already')
    expect(await on.waiting()).toHaveLength(2)
  })
})
