// "Max retries exceeded" says that it failed, not why: the cause is inferred from length, limit and past attempts.
import type { Evidence, Finding } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { errorOf, isMasked } from '../attempt-errors.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { isTooLong, limitOf, paceOf } from '../time-limit.ts'
import { audio, count, limit as limitText, plural } from '../wording.ts'

export const errorMaskedByRetries: Rule = {
  id: 'error-masked-by-retries',
  runbook: '1-failed-tasks.md, "Preserve root cause in DB"',
  diagnose(facts) {
    const masked = (now(facts.failures) ?? []).filter(isMasked)
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
    evidence: masked.slice(0, 5).map((job) => causeRow(facts, job)),
    places: [{ view: 'jobs', label: 'Open the failed jobs', job: null }],
  }
}

/** The best witness: an attempt that named its exception, then a limit that the length does not fit. */
function causeRow(facts: Facts, job: FailedJob): Evidence {
  const told = errorOf(facts, job)
  if (told !== null) return row(facts, 'Cause', `${told.text} · ${job.title}`, told.source)
  const limit = limitOf(facts)
  const text =
    limit !== null && job.audioMs !== null && isTooLong(job, null, limit.ms, paceOf(facts))
      ? `${audio(job.audioMs)} does not fit into the ${limitText(limit.ms)} limit`
      : 'unknown: no attempt, log, limit or length tells it'
  return row(facts, 'Cause', `${text} · ${job.title}`, 'database', facts.failures)
}
