// "Max retries exceeded" says that it failed, not why: the cause is inferred from length, limit and past attempts.
import type { Finding } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { killedBy, limitOf, paceOf } from '../time-limit.ts'
import { audio, count, limit as limitText, plural } from '../wording.ts'

const MASK = /^\s*max(imum)? retries exceeded\.?\s*$/i

export const errorMaskedByRetries: Rule = {
  id: 'error-masked-by-retries',
  runbook: '1-failed-tasks-analysis.md, "Preserve root cause in DB"',
  diagnose(facts) {
    const masked = (now(facts.failures) ?? []).filter(({ error }) => MASK.test(error ?? ''))
    return masked.length === 0 ? [] : [toFinding(facts, masked)]
  },
}

function toFinding(facts: Facts, masked: readonly FailedJob[]): Finding {
  const n = masked.length
  return {
    ...finding(facts, 'error-masked-by-retries', null),
    severity: 'info',
    headline: `${count(n, 'failed job')} only ${plural(n, 'says', 'say')} “Max retries exceeded”. The cause is hidden.`,
    explanation:
      'The last specific error was overwritten when the retries ran out. Below is what else tells the cause.',
    evidence: masked.slice(0, 5).map((job) => row(facts, job.title, cause(facts, job), 'database', facts.failures)),
    places: [{ view: 'jobs', label: 'Open the failed jobs', job: null }],
  }
}

/** The best witness: an attempt that named its exception, then a limit that the length does not fit. */
function cause(facts: Facts, job: FailedJob): string {
  const results = facts.system.results === null ? null : now(facts.system.results)
  const attempt = results?.failures.find((one) => one.job === job.id && one.exception !== null)
  if (attempt !== undefined) return `${attempt.exception}${attempt.message === null ? '' : `: ${attempt.message}`}`
  const limit = limitOf(facts)
  if (limit !== null && killedBy(job, null, limit.ms, paceOf(facts)))
    return `${job.audioMs === null ? '' : `${audio(job.audioMs)} does not fit into `}the ${limitText(limit.ms)} limit`
  return 'unknown: no attempt, limit or length tells it'
}
