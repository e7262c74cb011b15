// What ended the attempts at a job, wherever it is still kept: its row, the result backend, the workers' log.
import type { Evidence } from '../contract/finding.ts'
import type { FailedJob } from '../contract/job.ts'
import type { TaskResult } from '../contract/task.ts'
import { type Facts, now } from './facts.ts'

export interface AttemptError {
  /** `TimeLimitExceeded(1800)`, `ValueError: not audio`. */
  readonly text: string
  readonly source: Evidence['source']
}

/** It says that no retry is left, and nothing of what ended them (runbook 1, "Preserve root cause in DB"). */
const MASK = /^\s*max(imum)? retries exceeded\.?\s*$/i

export function isMasked({ error }: FailedJob): boolean {
  return MASK.test(error ?? '')
}

/** The last specific error of this job; null when nobody kept it. */
export function errorOf(facts: Facts, job: FailedJob): AttemptError | null {
  if (job.error !== null && !isMasked(job)) return { text: job.error, source: 'database' }
  const attempt = attemptsOf(facts).find((one) => one.job === job.id && one.exception !== null)
  if (attempt !== undefined) return { text: exceptionText(attempt), source: 'results' }
  const logged = facts.log === null ? undefined : now(facts.log)?.failures.findLast((one) => one.job === job.id)
  return logged === undefined ? null : { text: logged.error, source: 'worker log' }
}

/** Errors of all attempts that failed, also of those that name no job: by default a result names none. */
export function allErrors(facts: Facts): AttemptError[] {
  const rows = (now(facts.failures) ?? []).flatMap(({ error }) => error ?? [])
  const results = attemptsOf(facts).flatMap((one) => (one.exception === null ? [] : [exceptionText(one)]))
  const logged = (facts.log === null ? null : now(facts.log))?.failures.map(({ error }) => error) ?? []
  const from = (source: string, texts: readonly string[]) => texts.map((text) => ({ text, source }))
  return [...from('database', rows), ...from('results', results), ...from('worker log', logged)]
}

function attemptsOf({ system }: Facts): readonly TaskResult[] {
  return (system.results === null ? null : now(system.results))?.failures ?? []
}

/** A time limit as the log and the runbook write it; its number is the limit. */
function exceptionText({ exception, message }: TaskResult): string {
  if (message === null || message === '') return exception ?? ''
  return /TimeLimitExceeded$/.test(exception ?? '') ? `${exception}(${message})` : `${exception}: ${message}`
}
