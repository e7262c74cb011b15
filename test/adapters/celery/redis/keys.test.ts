// How names are separated is learned from what the app wrote, and from nothing else.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeys, formerController } from '../../../../electron/adapters/celery/redis/keys.ts'

/** kombu splits by it, so that it cannot be part of any name in its bindings. */
const separator = fc.constantFrom('\x06\x16', ':', '::', '|', '--', '#', ' ', '\x00', '/')
const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcXYZ019_') })
const worker = fc.tuple(name, name).map(([node, host]) => `${node}@${host}.celery.pidbox`)
const bind = (sep: string, routingKey: string, queue: string) => [routingKey, '', queue].join(sep)
const OTHER = '\x01'

test('from the control queue of any worker', () => {
  fc.assert(
    fc.property(separator, fc.array(worker, { minLength: 1, maxLength: 4 }), (sep, queues) => {
      const keys = createKeys('app1:', 0)
      keys.learn(queues.map((queue) => bind(sep, '', queue)))
      expect(keys.queue('celery', 3)).toBe(`app1:celery${sep}3`)
      expect(keys.readMember(bind(sep, '', queues[0] ?? ''))).toEqual({ routingKey: '', queue: queues[0] })
    }),
  )
})

test('from the queue of any direct exchange', () => {
  fc.assert(
    fc.property(separator, name, (sep, queue) => {
      const keys = createKeys('', 0)
      keys.learn([bind(sep, queue, queue)])
      expect(keys.queue('celery', 3)).toBe(`celery${sep}3`)
    }),
  )
})

test('a running worker outranks bindings of queues, which outlive a change of the setting', () => {
  fc.assert(
    fc.property(separator, worker, name, (sep, control, queue) => {
      const keys = createKeys('', 0)
      const old = bind(OTHER, queue, queue)
      keys.learn([old])
      expect(keys.queue('celery', 3)).toBe(`celery${OTHER}3`)
      keys.learn([bind(sep, '', control)])
      keys.learn([old])
      expect(keys.queue('celery', 3)).toBe(`celery${sep}3`)
    }),
  )
})

test('nothing from anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (members) => {
      const keys = createKeys('', 0)
      const before = keys.queue('celery', 3)
      keys.learn(members.filter((member) => !/^(.+)(.+)\2\1$|\.celery\.pidbox$/s.test(member)))
      expect(keys.queue('celery', 3)).toBe(before)
    }),
  )
})

test('a former member of Unjam is recognised in every separator, and nobody else’s', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string({ minLength: 1, maxLength: 5 }), (id, sep) => {
      const member = (oid: string) => bind(sep, oid, `${oid}.reply.celery.pidbox`)
      expect(formerController(member(`unjam-${id}`))).toBe(`unjam-${id}`)
      expect(formerController(member(id))).toBeNull()
      expect(formerController(bind(sep, `unjam-${id}`, `${id}.reply.celery.pidbox`))).toBeNull()
    }),
  )
})
