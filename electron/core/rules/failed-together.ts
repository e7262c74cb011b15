// Many jobs failed in the same second: one event marked them, they did not fail one by one.
import type { Finding } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { isMasked } from '../attempt-errors.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { killedAfterMs } from '../time-limit.ts'
import { listed } from '../wording.ts'

/** Two may share a second by chance. */
const SOME = 3
/** A sweep that writes row by row takes its time. */
const APART_MS = 1000

interface Written {
  readonly job: FailedJob
  readonly at: string
}

export const failedTogether: Rule = {
  id: 'failed-together',
  runbook: '1-failed-tasks.md, "Same timestamp for all four"',
  diagnose(facts) {
    const written = (now(facts.failures) ?? []).flatMap((job) => {
      const at = job.updatedAt ?? job.endedAt
      return at === null ? [] : [{ job, at }]
    })
    return together(written)
      .filter((jobs) => jobs.length >= SOME && (isSweep(jobs) || jobs.every(({ job }) => isCutOff(job))))
      .map((jobs) => toFinding(facts, jobs))
  },
}

/** In the order of time, parted where nothing was written for a second; the latest first. */
function together(written: readonly Written[]): Written[][] {
  const groups: Written[][] = []
  for (const one of written.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const last = groups.at(-1)
    const before = last?.at(-1)
    if (before !== undefined && Date.parse(one.at) - Date.parse(before.at) <= APART_MS) last?.push(one)
    else groups.push([one])
  }
  return groups.reverse()
}

/** One statement has one time for all that it writes. */
function isSweep(written: readonly Written[]): boolean {
  return new Set(written.map(({ at }) => at)).size === 1
}

/** Files that are bad one after the other fail within seconds too, each of itself. */
function isCutOff(job: FailedJob): boolean {
  return isMasked(job) || killedAfterMs(job.error) !== null
}

function toFinding(facts: Facts, written: readonly Written[]): Finding {
  const at = written[0]?.at ?? facts.now
  const n = written.length
  const sweep = isSweep(written)
  return {
    ...finding(facts, 'failed-together', at.slice(0, 19)),
    severity: 'info',
    headline: `${n} jobs were marked failed ${sweep ? 'at the same moment. One sweep did it.' : 'within a second of each other. It was one event.'}`,
    explanation: sweep
      ? 'The periodic clean-up marks what has been stuck too long. It is one event with one cause, not many failures.'
      : 'A clean-up marked them one after the other, or one limit ended what had begun together: one cause, not many failures.',
    since: at,
    evidence: [
      row(facts, 'Marked', at, 'database', facts.failures),
      row(
        facts,
        'Jobs',
        listed(
          written.map(({ job }) => job.title),
          4,
        ),
        'database',
        facts.failures,
      ),
    ],
    places: [{ view: 'jobs', label: 'Open the failed jobs', job: null }],
  }
}
