// A configured source cannot be read: which, since when, why, and what to do. Unknown, never "down".
import type { Failure } from '../../contract/failure.ts'
import { sentence } from '../../contract/failure.ts'
import type { Evidence, Finding } from '../../contract/finding.ts'
import type { Reading, SystemSnapshot } from '../../contract/snapshot.ts'
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { isUnread } from '../reading.ts'
import { count, duration, listed } from '../wording.ts'

type Unknown = Extract<Reading<unknown>, { status: 'unknown' }>

interface NamedPart {
  readonly key: keyof SystemSnapshot & string
  readonly name: string
}

/** Each source of a system fails alone, with its own cause and remedy. */
function sourcesOf({ kind, queues }: SystemSnapshot): { name: string; parts: readonly NamedPart[] }[] {
  const workers: NamedPart = { key: 'workers', name: 'the workers' }
  return [
    {
      name: kind === 'qc' ? 'QC service' : 'database',
      parts: [
        { key: 'counts', name: 'the counts' },
        { key: 'running', name: 'the running jobs' },
        // Without a broker the workers are Unjam's own, and the database knows them.
        ...(queues === null ? [workers] : []),
        { key: 'throughput', name: 'the throughput' },
        { key: 'attempts', name: 'the attempts' },
        { key: 'limits', name: 'the limits' },
        { key: 'dependencies', name: 'the dependencies' },
      ],
    },
    {
      name: 'broker',
      parts: [
        ...(queues === null ? [] : [workers]),
        { key: 'queues', name: 'the queues' },
        { key: 'tasks', name: 'the tasks' },
        { key: 'results', name: 'the results' },
      ],
    },
    {
      name: 'stack',
      parts: [
        { key: 'stack', name: 'the stack' },
        { key: 'services', name: 'the services' },
      ],
    },
    { name: '.env', parts: [{ key: 'env', name: 'the .env file' }] },
    { name: 'API', parts: [{ key: 'api', name: 'the API' }] },
  ]
}

export const sourceUnreachable: Rule = {
  id: 'source-unreachable',
  runbook: '3-stuck-crawl-runs.md, "Check broker connectivity"',
  diagnose(facts) {
    const { counts } = facts.system
    if (counts.status === 'unknown' && counts.failure.kind === 'unsupported') return [notYet(facts, counts)]
    return together(sourcesOf(facts.system).flatMap((source) => lostOf(source, facts))).map((lost) =>
      toFinding(facts, lost),
    )
  },
}

interface Lost {
  readonly source: string
  readonly name: string
  readonly reading: Unknown
}

/** What a source does not tell: the parts that fail as its first one does, and the others. */
function lostOf({ name: source, parts }: { name: string; parts: readonly NamedPart[] }, facts: Facts): Lost[][] {
  const lost = parts.flatMap(({ key, name }) => {
    const reading = facts.system[key] as Reading<unknown> | null | string
    if (reading === null || typeof reading === 'string' || reading.status === 'known') return []
    // Not read yet is not lost, and a part the system does not have was never there.
    return isUnread(reading.failure) || reading.failure.kind === 'unsupported' ? [] : [{ source, name, reading }]
  })
  const [first] = lost
  if (first === undefined) return []
  const same = lost.filter(({ reading }) => reading.failure.because === first.reading.failure.because)
  const others = lost.filter((one) => !same.includes(one))
  return others.length === 0 ? [same] : [same, others]
}

/** One cause is one finding, also where it reaches two sources: the .env is found by asking the engine. */
function together(groups: readonly (readonly Lost[])[]): Lost[][] {
  const causes = new Map<string, Lost[]>()
  for (const group of groups) {
    const { because, on } = (group[0] as Lost).reading.failure
    const cause = `${on}: ${because}`
    causes.set(cause, [...(causes.get(cause) ?? []), ...group])
  }
  return [...causes.values()]
}

function toFinding(facts: Facts, lost: readonly Lost[]): Finding {
  const { id } = facts.system
  const readings = lost.map(({ reading }) => reading)
  const failure = readings[0]?.failure as Failure
  const since = readings.map((reading) => reading.since).sort()[0] ?? facts.now
  const age = Date.parse(facts.now) - Date.parse(since)
  const what = nameOf(lost)
  const on = what === null ? id : `${what.text} of ${id}`
  const known = readings.some(({ last }) => last !== null)
  return {
    ...finding(facts, 'source-unreachable', what === null ? null : what.key),
    headline: age < 2000 ? `Cannot read ${on}.` : `Cannot read ${on} for ${duration(age)}.`,
    explanation: `${sentence(failure)} ${known ? 'What is shown is the last that was known.' : 'Nothing of it has been read so far.'}`,
    since,
    evidence: lost.map(({ source, name, reading }) => evidence(facts, source, name, reading)),
    notTheCause: ['Jobs may still be running: nothing was read that says otherwise'],
    // The local system is no entry of the settings: what it needs is checked on their first page.
    places: [{ view: facts.system.kind === 'local' ? 'settings' : 'system', label: 'Open its settings', job: null }],
  }
}

/** null for the system itself, which is nothing without its counts. */
function nameOf(lost: readonly Lost[]): { key: string | null; text: string } | null {
  if (lost.some(({ name }) => name === 'the counts')) return null
  if (lost.length >= 3 && lost.every(({ source }) => source === 'broker')) return { key: 'broker', text: 'the broker' }
  const names = lost.map(({ name }) => name)
  const parts = names.includes('the stack') ? names.filter((name) => name !== 'the services') : names
  return { key: names[0] ?? null, text: listed(parts) }
}

/** A system that this version cannot read at all: said once, without alarm. */
function notYet(facts: Facts, counts: Unknown): Finding {
  return {
    ...finding(facts, 'source-unreachable', 'unsupported'),
    severity: 'info',
    headline: `Unjam cannot watch ${facts.system.id} yet.`,
    explanation: sentence(counts.failure),
    since: counts.since,
    evidence: [evidence(facts, 'database', 'the counts', counts)],
  }
}

function evidence(facts: Facts, source: string, name: string, reading: Unknown): Evidence {
  const last = lastWords(reading.last)
  const label = name.replace(/^the /, '')
  return {
    ...row(facts, label.charAt(0).toUpperCase() + label.slice(1), `unknown: ${reading.failure.because}${last}`, source),
    at: reading.since,
  }
}

function lastWords(last: unknown): string {
  if (Array.isArray(last)) return `; last known ${count(last.length, 'entry', 'entries')}`
  if (typeof last === 'object' && last !== null && 'queued' in last && 'running' in last)
    return `; last known ${last.queued} queued, ${last.running} running`
  return ''
}
