// Random queues and random interleavings: undo is the identity, and in a moving world every message is somewhere, once.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import type { QuarantineRule } from '../../../../electron/core/ports/broker.ts'
import { brokenSource } from '../broken-source.ts'
import { enqueuer, job, message, type QueueStage, queueStage, STEPS, signal } from '../queue-stage.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage()
})
afterAll(() => on.close())

const rules = fc.constantFrom<QuarantineRule[]>('all', 'duplicates', 'periodic')
/** Few different jobs, so that most are duplicates; some that a rule must not touch. */
const sent = fc.oneof(
  { weight: 6, arbitrary: fc.nat(6).map((id) => job(id)) },
  { weight: 2, arbitrary: fc.constant(null).map(() => enqueuer()) },
  { weight: 1, arbitrary: fc.nat(3).map((retries) => job(1, { headers: { retries } })) },
  { weight: 1, arbitrary: fc.constant(null).map(() => message({ task: 'other' })) },
  { weight: 1, arbitrary: fc.string().map((text) => `not a message ${text}`) },
)
const queue = fc.array(fc.record({ step: fc.constantFrom(...STEPS), raw: sent }), { maxLength: 300 })

async function fill(messages: readonly { step: number; raw: string }[]): Promise<void> {
  await on.clear()
  for (const step of STEPS) await on.push(step, ...messages.filter((one) => one.step === step).map(({ raw }) => raw))
}

describe('a queue that stands still', () => {
  it('is byte for byte what it was after any rule and its undo', async () => {
    await fc.assert(
      fc.asyncProperty(queue, rules, async (messages, rule) => {
        await fill(messages)
        const before = await on.lists()
        const plan = await on.quarantine.plan('celery', rule, signal)
        expect(await on.lists()).toEqual(before)
        const moved = await on.quarantine.move('celery', rule, 'r1', signal)
        expect(moved.moved).toBe(plan.moves)
        if (moved.moved > 0) await on.quarantine.restore(moved, signal)
        expect(await on.lists()).toEqual(before)
      }),
      { numRuns: 150 },
    )
  })

  it('keeps exactly the first message of each job, in order', async () => {
    await fc.assert(
      fc.asyncProperty(queue, async (messages) => {
        await fill(messages)
        const before = await on.waiting()
        const seen = new Set<string>()
        const expected = before.filter((raw) => {
          const body = /"body": "([^"]+)"/.exec(raw)?.[1]
          const plain = body !== undefined && raw.includes('process_recording') && raw.includes('"retries": 0')
          if (!plain) return true
          const first = !seen.has(body)
          seen.add(body)
          return first
        })
        await on.quarantine.move('celery', 'duplicates', 'r1', signal)
        expect(await on.waiting()).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a queue that moves between any two steps', () => {
  /** What the world does before a script: messages that come, messages that a worker takes. */
  const world = fc.array(fc.record({ come: fc.array(fc.nat(9), { maxLength: 4 }), taken: fc.nat(3) }), {
    minLength: 1,
    maxLength: 8,
  })

  it('loses nothing and doubles nothing; newcomers keep their order', async () => {
    await fc.assert(
      fc.asyncProperty(queue, rules, world, async (messages, rule, acts) => {
        await fill(messages)
        const all = await on.waiting()
        const came: string[] = []
        const taken: string[] = []
        const source = brokenSource(on.source, {
          async before(script) {
            const act = acts[script % acts.length]
            const newcomers = (act?.come ?? []).map((id) => job(id))
            came.push(...newcomers)
            await on.push(0, ...newcomers)
            for (let i = 0; i < (act?.taken ?? 0); i++) taken.push((await on.pop()) ?? '')
          },
        })
        const quarantine = createQuarantine(source, on.app)
        const moved = await quarantine.move('celery', rule, 'r1', signal)
        const undone = moved.moved === 0 ? null : await quarantine.restore(moved, signal)
        const waiting = await on.waiting()
        const aside = (
          await Promise.all(
            STEPS.map((step) =>
              on.source.run('Test', signal, (redis) =>
                redis.lrange(on.source.keys.own('quarantine', 'r1', 'celery', step, 'aside'), 0, -1),
              ),
            ),
          )
        ).flat()
        const somewhere = [...waiting, ...taken.filter((raw) => raw !== ''), ...aside]
        expect(somewhere.toSorted()).toEqual([...all, ...came].toSorted())
        if (undone !== null) expect(undone.restored + aside.length).toBe(moved.moved)
        expect(waiting.filter((raw) => came.includes(raw))).toEqual(came.filter((raw) => waiting.includes(raw)))
      }),
      { numRuns: 150 },
    )
  })
})
