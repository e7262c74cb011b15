// diffSnapshots and applyEvent prove each other: whatever happened, the receiver ends with the sender's snapshot.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEvent, diffSnapshots, keepSame, sameValue } from '../../electron/contract/diff.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import { LiveEvent, type Snapshot, type SystemSnapshot } from '../../electron/contract/snapshot.ts'
import {
  ago,
  counts,
  host,
  known,
  NOW,
  runningJob,
  snapshot,
  system,
  unknown,
  worker,
} from '../support/snapshot-builders.ts'

const reading = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.tuple(value, fc.constantFrom(NOW, ago(1000))).map(([v, at]) => known(v, at)),
    fc.tuple(fc.option(value), fc.constantFrom(NOW, ago(5000))).map(([v, since]) => unknown(v, since)),
  )
const small = fc.integer({ min: 0, max: 3 })
const job = fc
  .record({ id: fc.constantFrom('a', 'b', 'c'), elapsed: small })
  .map(({ id, elapsed }) => runningJob({ id, elapsedMs: elapsed }))
const jobs = fc.uniqueArray(job, { selector: (j) => j.id, maxLength: 3 })
const oneSystem = (id: string): fc.Arbitrary<SystemSnapshot> =>
  fc
    .record({
      counts: reading(small.map((queued) => counts({ queued }))),
      running: reading(jobs),
      workers: reading(
        fc.array(
          small.map((busy) => worker({ busy })),
          { maxLength: 1 },
        ),
      ),
      queues: fc.option(
        reading(
          fc.array(
            small.map((messages) => ({
              ...{ name: 'celery', messages, unacked: null, priorities: [], groups: [], read: messages },
              ...{ consumers: null, paused: false },
            })),
            { maxLength: 2 },
          ),
        ),
      ),
    })
    .map((fields) => system({ id, ...fields }))
const finding = fc.record({ key: fc.constantFrom('x', 'y'), label: fc.constantFrom('1', '2') }).map(
  ({ key, label }): Finding => ({
    key,
    rule: 'no-worker',
    severity: 'warning',
    system: 'calls',
    headline: label,
    explanation: '',
    since: NOW,
    evidence: [],
    notTheCause: [],
    remedies: [],
    places: [],
  }),
)
const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    systems: fc.shuffledSubarray(['a', 'b', 'c']).chain((ids) => fc.tuple(...ids.map(oneSystem))),
    model: fc.constantFrom(null, 'small', 'base'),
    restarts: small,
    findings: fc.uniqueArray(finding, { selector: (f) => f.key }),
  })
  .map(({ systems, model, restarts, findings }) =>
    snapshot({
      systems,
      findings,
      host: host({ model, worker: { state: 'running', pid: 1, restarts, because: null } }),
    }),
  )
const pairs = fc
  .tuple(snapshots, snapshots)
  .map(([a, b]) => [a, { ...b, sequence: a.sequence + 1, at: ago(-1000) }] as const)

describe('applyEvent', () => {
  it('says gap when an event in between is missing, and keeps what it has when told twice', () => {
    const from = snapshot({ systems: [system()] })
    const event = diffSnapshots(from, { ...from, sequence: 3, systems: [] })!
    expect(applyEvent(from, event)).toBe('gap')
    const told = snapshot({ sequence: 3 })
    expect(applyEvent(told, event)).toBe(told)
  })

  it('says gap when a change names a system it does not hold', () => {
    const with1 = snapshot({ systems: [system()] })
    const with2 = snapshot({ sequence: 2, systems: [system({ counts: known(counts({ queued: 1 })) })] })
    expect(applyEvent(snapshot(), diffSnapshots(with1, with2)!)).toBe('gap')
  })

  it('turns one snapshot into any other, also across the wire', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const event = diffSnapshots(a, b)
        if (event === null) {
          expect({ ...b, sequence: a.sequence, at: a.at }).toEqual(a)
          return
        }
        const wire = LiveEvent.parse(JSON.parse(JSON.stringify(event)))
        expect(applyEvent(a, wire)).toEqual(b)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the very object of every part that did not change', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const event = diffSnapshots(a, b)
        const c = event === null ? a : applyEvent(a, JSON.parse(JSON.stringify(event)))
        if (c === 'gap') throw new Error('no event was missing')
        for (const system of c.systems) {
          const old = a.systems.find((s) => s.id === system.id)
          if (old === undefined) continue
          expect(system === old).toBe(sameValue(system, old))
          for (const key of Object.keys(system) as (keyof SystemSnapshot)[])
            expect(system[key] === old[key]).toBe(sameValue(system[key], old[key]))
        }
        expect(c.host === a.host).toBe(sameValue(c.host, a.host))
        expect(c.findings === a.findings).toBe(sameValue(c.findings, a.findings))
      }),
      { numRuns: 300 },
    )
  })
})

describe('diffSnapshots', () => {
  it('is silent when only number and time moved on', () => {
    const from = snapshot({ systems: [system()] })
    expect(diffSnapshots(from, { ...structuredClone(from), sequence: 2, at: ago(-1000) })).toBeNull()
  })

  it('names the field that changed and nothing else', () => {
    const from = snapshot({ systems: [system(), system({ id: 'archive' })] })
    const next = system({ id: 'archive', counts: known(counts({ failed: 4 })) })
    const event = diffSnapshots(from, { ...from, sequence: 2, systems: [system(), next] })
    expect(event?.changes).toEqual({
      added: [],
      changed: [{ id: 'archive', fields: { counts: next.counts } }],
      removed: [],
      order: null,
      host: null,
      findings: null,
      alerts: null,
    })
  })
})

describe('keepSame', () => {
  it('keeps an unchanged running job although another one appeared before it', () => {
    const before = [runningJob({ id: 'b' }), runningJob({ id: 'c', elapsedMs: 1 })]
    const next = [runningJob({ id: 'a' }), runningJob({ id: 'b' }), runningJob({ id: 'c', elapsedMs: 2 })]
    const kept = keepSame(before, next)
    expect(kept).toEqual(next)
    expect(kept[1]).toBe(before[0])
    expect(kept[2]).not.toBe(before[1])
  })
})
