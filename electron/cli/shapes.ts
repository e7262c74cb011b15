// The documents scripts rely on (DESIGN §8), made from a snapshot: a value that is unknown is null.
import type { Finding } from '../contract/finding.ts'
import { isSample } from '../contract/sample.ts'
import type { Counts, Reading, Snapshot, SystemSnapshot } from '../contract/snapshot.ts'

const known = <T>(reading: Reading<T>): T | null => (reading.status === 'known' ? reading.value : null)

export function statusDocument(snapshot: Snapshot) {
  return {
    systems: snapshot.systems.map((system) => ({
      id: system.id,
      kind: system.kind,
      ...sampleMark(system.id),
      counts: countsOf(system),
      // No broker configured is "no queues"; one that cannot be read is unknown.
      queues:
        system.queues === null
          ? []
          : (known(system.queues)?.map(({ name, messages, unacked }) => ({ name, messages, unacked })) ?? null),
      workers: known(system.workers)?.map(({ name, state, beatAt }) => ({ name, state, beatAt })) ?? null,
      findings: snapshot.findings.filter((finding) => finding.system === system.id).map(findingDocument),
    })),
  }
}

/** `sample: true` where nothing is real; scripts that know of none see no new key. */
function sampleMark(id: string): { sample?: true } {
  return isSample(id) ? { sample: true } : {}
}

function countsOf(system: SystemSnapshot) {
  return counted(system) ?? { queued: null, running: null, done: null, failed: null, skipped: null }
}

/** An estimate is not a count, and a script cannot see the difference: it is unknown. */
function counted(system: SystemSnapshot): Counts | null {
  const counts = known(system.counts)
  return counts?.approximate === true ? null : counts
}

export function diagnoseDocument(snapshot: Snapshot) {
  return {
    findings: snapshot.findings.map(findingDocument),
    systems: snapshot.systems.map((system) => ({
      id: system.id,
      kind: system.kind,
      ...sampleMark(system.id),
      counts: countsOf(system),
      unread: unread(system).map(({ part, because }) => ({ part, because })),
    })),
  }
}

export function findingDocument(finding: Finding) {
  return {
    rule: finding.rule,
    severity: finding.severity,
    system: finding.system,
    headline: finding.headline,
    explanation: finding.explanation,
    since: finding.since,
    evidence: finding.evidence.map(({ label, value, source, at }) => ({ label, value, source, at })),
    notTheCause: finding.notTheCause,
    actions: finding.remedies.map(({ action, ids, params }) => ({ action, ids, params })),
  }
}

/** The parts of a system that could not be read, each with its reason; one it does not have was never there. */
export function unread(system: SystemSnapshot): { part: string; because: string }[] {
  const { id: _id, kind: _kind, forecast: _forecast, ...readings } = system
  return Object.entries(readings).flatMap(([part, reading]) =>
    reading?.status === 'unknown' && reading.failure.kind !== 'unsupported'
      ? [{ part, because: reading.failure.because }]
      : [],
  )
}
