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
    return sourcesOf(facts.system).flatMap((source) => {
      const lost = source.parts.flatMap(({ key, name }) => {
        const reading = facts.system[key] as Reading<unknown> | null | string
        if (reading === null || typeof reading === 'string' || reading.status === 'known') return []
        // Not read yet is not lost, and a part the system does not have was never there.
        return isUnread(reading.failure) || reading.failure.kind === 'unsupported' ? [] : [{ name, reading }]
      })
      const first = lost[0]
      if (first === undefined) return []
      const same = lost.filter(({ reading }) => reading.failure.because === first.reading.failure.because)
      const others = lost.filter((one) => !same.includes(one))
      return [same, ...(others.length === 0 ? [] : [others])].map((some) => toFinding(facts, source.name, some))
    })
  },
}

function toFinding(facts: Facts, source: string, lost: readonly { name: string; reading: Unknown }[]): Finding {
  const { id } = facts.system
  const readings = lost.map(({ reading }) => reading)
  const failure = readings[0]?.failure as Failure
  const since = readings.map((reading) => reading.since).sort()[0] ?? facts.now
  const age = Date.parse(facts.now) - Date.parse(since)
  const whole = lost.length >= 3 || lost.some(({ name }) => name === 'the counts')
  const what = whole ? id : `${listed(lost.map(({ name }) => name))} of ${id}`
  return {
    ...finding(facts, 'source-unreachable', whole ? null : (lost[0]?.name ?? null)),
    headline: age < 2000 ? `Cannot read ${what}.` : `Cannot read ${what} for ${duration(age)}.`,
    explanation: `${sentence(failure)} What is shown is the last that was known.`,
    since,
    evidence: lost.map(({ name, reading }) => evidence(facts, source, name, reading)),
    notTheCause: ['Jobs may still be running: nothing was read that says otherwise'],
    places: [{ view: 'settings', label: 'Open the settings', job: null }],
  }
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
