// A glance at a message says what reading it says, or nothing.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildTask } from '../../../../electron/adapters/celery/message/build-task.ts'
import { createGlance } from '../../../../electron/adapters/celery/message/glance.ts'
import { readMessage } from '../../../../electron/adapters/celery/message/message.ts'
import { hashOf } from '../../../../electron/adapters/celery/message/text-hash.ts'
import { fingerprintOf } from '../../../../electron/adapters/celery/queues/tally.ts'
import { celeryApp, ENQUEUE, job, message, PROCESS } from '../queue-stage.ts'

const app = celeryApp()
const glance = createGlance(app)

/** What the long way says, in the terms of the short one. */
function read(raw: string) {
  const { task, origin, job, work, ...rest } = readMessage(raw, app)
  const hash = job === null ? 0 : hashOf(`${task}\0${job}\0`)
  const workHash = work === null ? 0 : hashOf(work)
  return { task, origin, fingerprint: fingerprintOf(rest, raw), job: hash, work: workHash }
}
function glimpse(raw: string) {
  const seen = glance(Buffer.from(raw))
  return seen === null ? null : { ...seen, work: seen.job }
}

const scalar = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.uuid(),
  fc.constantFrom('', 0, -1, 12345678901234, '007', 'Grüße', 'a"b', null, true, 1.5),
)
const often = <T>(usual: T, ...rare: T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...rare))

test('it says the same as reading', () => {
  let taken = 0
  fc.assert(
    fc.property(
      fc.record({
        task: fc.constantFrom(PROCESS, ENQUEUE, 'tasks.process_recording', 'other', 'ä'),
        args: fc.oneof(fc.tuple(scalar), fc.array(scalar, { maxLength: 2 })),
        kwargs: often({}, { force: true }, { recording_id: 7 }),
        embed: often({}, { chord: { task: 'x' } }, { callbacks: [{ task: 'x' }] }),
        headers: fc.record({
          retries: often(0, 1),
          eta: often<string | null>(null, '2030-01-01T00:00:00+00:00'),
          group: often<string | null>(null, 'g'),
          argsrepr: often('(42,)', '("a\\"b",)', '(\'", "origin": "gen1@x\',)'),
          origin: often('gen1@host', 'gen2@host', ''),
        }),
        more: often({}, { redelivered: true }, { compression: 'application/x-gzip' }),
        properties: often({}, { priority: 5 }, { delivery_tag: 't' }, { body_encoding: 'utf-8' }),
        delivery: often({}, { delivery_info: { exchange: '', routing_key: 'celery', redelivered: true } }),
      }),
      ({ headers, more, properties, delivery, ...rest }) => {
        const raw = message({ ...rest, headers: { ...headers, ...more }, properties: { ...properties, ...delivery } })
        const short = glimpse(raw)
        if (short === null) return
        taken++
        expect(short).toEqual(read(raw))
      },
    ),
    { numRuns: 2000 },
  )
  expect(taken).toBeGreaterThan(200)
})

test('messages of Celery and of Unjam itself are common ones', () => {
  for (const raw of [job(42), job('0f-a1'), buildTask({ id: 'x', name: PROCESS, args: [42], queue: 'celery' })])
    expect(glimpse(raw)).toEqual(read(raw))
  const stamped = job(42).replace(
    '"ignore_result": false',
    '"ignore_result": false, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}',
  )
  expect(glimpse(stamped)).toEqual(read(stamped))
})

test('anything else is left to reading', () => {
  for (const raw of ['', '{}', job(1).slice(0, -1), `${job(1)} `, job(2, { headers: { retries: 1 } })])
    expect(glimpse(raw)).toBeNull()
  fc.assert(fc.property(fc.uint8Array(), (bytes) => glance(Buffer.from(bytes)) === null))
})
