// What cannot be read is said: which, since when, why, what to do. It is never said to be down.
import { describe, expect, it } from 'vitest'
import { unread } from '../../../electron/core/reading.ts'
import { sourceUnreachable as rule } from '../../../electron/core/rules/source-unreachable.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, counts, MINUTE, NOW, unknown } from '../../support/snapshot-builders.ts'

describe('stays silent', () => {
  it.each([
    ['everything is read', facts()],
    ['the first reading is under way', facts({ counts: unread(NOW, 'calls'), running: unread(NOW, 'calls') })],
    ['the system cannot do that at all', facts({ workers: unknown(null, NOW, { kind: 'unsupported' }) })],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('makes one finding of one cause, with what was last known', () => {
  const since = ago(14 * MINUTE)
  const given = facts({
    counts: unknown(counts({ queued: 20, running: 1 }), since),
    running: unknown([], since),
    workers: unknown(null, since),
  })
  const [found, ...more] = run(rule, given)
  expect(more).toEqual([])
  expect(found).toMatchObject({
    key: 'source-unreachable:calls',
    severity: 'warning',
    headline: 'Cannot read calls for 14 min.',
    explanation:
      'Read the jobs (postgres://calls): nothing answers at 127.0.0.1:5432. Check that Postgres runs there. What is shown is the last that was known.',
    since,
  })
  expect(found?.evidence[0]).toEqual({
    label: 'Counts',
    value: 'unknown: nothing answers at 127.0.0.1:5432; last known 20 queued, 1 running',
    source: 'database',
    at: since,
  })
})

it('names the part when only that cannot be read', () => {
  const [found] = run(rule, facts({ throughput: unknown(null, ago(5000), { because: 'permission denied' }) }))
  expect(found).toMatchObject({
    key: 'source-unreachable:calls:the throughput',
    headline: 'Cannot read the throughput of calls for 5 s.',
  })
})

it('says one cause once, whatever it keeps from being read, and each other cause by itself', () => {
  const since = ago(5000)
  const engine = {
    tried: 'Talk to the engine',
    on: 'unix:///nowhere',
    because: 'no engine listens there',
    remedy: null,
  }
  const broker = { tried: 'Read the queues', on: 'redis://calls', because: 'nothing answers', remedy: null }
  const found = run(
    rule,
    facts({
      stack: unknown(null, since, engine),
      services: unknown(null, since, engine),
      env: unknown(null, since, engine),
      queues: unknown(null, since, broker),
      workers: unknown(null, since, broker),
      tasks: unknown(null, since, broker),
      results: unknown(null, since, broker),
    }),
  )
  expect(found.map(({ key, headline }) => [key, headline])).toEqual([
    ['source-unreachable:calls:broker', 'Cannot read the broker of calls for 5 s.'],
    ['source-unreachable:calls:the stack', 'Cannot read the stack and the .env file of calls for 5 s.'],
  ])
  expect(found[1]?.evidence.map(({ source }) => source)).toEqual(['stack', 'stack', '.env'])
  expect(found[1]?.explanation).toBe(
    'Talk to the engine (unix:///nowhere): no engine listens there. Nothing of it has been read so far.',
  )
})

it('a broker’s workers that the database keeps from being read are no trouble of the broker', () => {
  const away = { tried: 'Count', on: 'calls: public.recordings', because: 'no such table', remedy: null }
  const found = run(
    rule,
    facts({
      counts: unknown(null, NOW, away),
      workers: unknown(null, NOW, away),
      queues: { status: 'known', at: NOW, value: [] },
    }),
  )
  expect(found.map(({ headline }) => headline)).toEqual(['Cannot read calls.'])
})

it('says once, as information, that a whole system cannot be watched yet', () => {
  const not = unknown(null, NOW, {
    kind: 'unsupported',
    tried: 'Read the system',
    on: 'qc',
    because: 'not yet',
    remedy: null,
  })
  const found = run(
    rule,
    facts({
      id: 'qc',
      kind: 'qc',
      counts: not,
      running: not,
      workers: not,
      throughput: not,
      attempts: not,
      limits: not,
    }),
  )
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({
    severity: 'info',
    headline: 'Unjam cannot watch qc yet.',
    explanation: 'Read the system (qc): not yet.',
  })
})
