// QC jobs without progress for over 2 minutes: the progress at which they stand names the cause.
import { assertNever } from '../../contract/failure.ts'
import type { Finding, Remedy } from '../../contract/finding.ts'
import { before, type Facts, finding, now, type Rule, row } from '../facts.ts'
import type { StuckJob } from '../qc-facts.ts'
import {
  byCause,
  type Cause,
  clockWords,
  ESCALATE_MS,
  hints,
  longestMs,
  STUCK_MS,
  stuckJobs,
  stuckRows,
} from '../qc-facts.ts'
import { count, plural } from '../wording.ts'

export const qcStageStuck: Rule = {
  id: 'qc-stage-stuck',
  kinds: ['qc'],
  runbook: '4-qc-jobs-stuck.md, "Common Causes & Fixes"',
  diagnose(facts) {
    const jobs = stuckJobs(facts) ?? []
    return [...byCause(facts, jobs)].map(([cause, some]) => toFinding(facts, cause, some))
  },
}

function toFinding(facts: Facts, cause: Cause, jobs: readonly StuckJob[]): Finding {
  const longest = longestMs(jobs)
  const first = jobs[0]
  const { headline, explanation, remedies } = words(cause, jobs)
  return {
    ...finding(facts, 'qc-stage-stuck', cause),
    severity: 'critical',
    headline: `${stand(jobs)} ${headline}`,
    explanation: `${explanation} ${clockWords(jobs)}`,
    since: longest === null ? facts.now : before(facts, longest - STUCK_MS),
    evidence: [...stuckRows(facts, jobs), row(facts, 'Limit', '2 min without progress', 'runbook')],
    notTheCause: healthy(facts),
    hints: hints(facts, cause, longest !== null && longest > ESCALATE_MS),
    remedies,
    places: [{ view: 'job', label: 'Open the job', job: first?.job.id ?? null }],
  }
}

/** "2 QC jobs stand still at 17 %." */
function stand(jobs: readonly StuckJob[]): string {
  const percents = jobs.flatMap(({ percent }) => (percent === null ? [] : [percent]))
  const [low, high] = [Math.min(...percents), Math.max(...percents)]
  const at = percents.length === 0 ? '' : low === high ? ` at ${low} %` : ` at ${low}–${high} %`
  const who = jobs.length === 1 ? 'One QC job stands' : `${jobs.length} QC jobs stand`
  return `${who} still${at}.`
}

function words(cause: Cause, jobs: readonly StuckJob[]): Pick<Finding, 'headline' | 'explanation' | 'remedies'> {
  const n = jobs.length
  const retry = (effect: string): Remedy => ({
    ...{ action: 'retry-jobs', ids: jobs.map(({ job }) => job.id), params: {}, effect },
    label: n === 1 ? 'Retry the job' : `Retry ${n} jobs`,
  })
  switch (cause) {
    case 'database':
      return {
        headline: 'Its database does not answer.',
        explanation: 'Jobs initialize at about 5 %, where they first need Supabase.',
        remedies: [retry('Once the database answers again: the service runs them from the start.')],
      }
    case 'drive':
      return {
        headline: 'Reconnect Google Drive in Settings, then retry.',
        explanation: 'Files are downloaded at 15–20 %; there an expired Google Drive token stops them.',
        remedies: [retry('After Google Drive was reconnected in Settings; before that it fails again.')],
      }
    case 'ffmpeg':
      return {
        headline: 'FFmpeg hangs in the analysis.',
        explanation: 'Files are analysed at 50–70 %, by an FFmpeg process that no longer answers.',
        remedies: [trigger('The service wakes its worker.'), cancel(n)],
      }
    case 'memory':
      return {
        headline: 'The service ran out of memory.',
        explanation: 'Several jobs at one percent stopped together, as they do when memory ends.',
        remedies: [cancel(n), retry('A few at a time: together they may end the memory again.')],
      }
    case 'other':
      return {
        headline: 'The cause is not known.',
        explanation: 'The runbook names no cause for this point; the log of the service may.',
        remedies: [trigger('The service wakes its worker.'), cancel(n)],
      }
    default:
      return assertNever(cause)
  }
}

function trigger(effect: string): Remedy {
  return { action: 'trigger-worker', label: 'Trigger the worker', ids: null, params: {}, effect }
}

function cancel(n: number): Remedy {
  const effect = `The service marks ${plural(n, 'it', 'them')} as failed, with all else it counts as stuck. No undo.`
  return { action: 'cancel-stuck', label: 'Cancel stuck jobs', ids: null, params: {}, effect }
}

/** Dependencies that are well are not the cause. */
function healthy(facts: Facts): string[] {
  const dependencies = facts.system.dependencies === null ? null : now(facts.system.dependencies)
  const names = ['groq_api', 'google_oauth', 'database', 'ffmpeg']
  const ok = dependencies?.filter(({ name, state }) => names.includes(name) && state === 'ok') ?? []
  const failed = now(facts.system.counts)?.failed
  return [...ok.map(({ name }) => `${name} is ok`), ...(failed === 0 ? [`${count(0, 'failed job')}`] : [])]
}
