// Flower's failed attempts beside the database's failed jobs: which job accounts for how many (runbook 1, 23 against 4).
import type { Reconciliation } from '../contract/proof.ts'
import { grouped, type LedgerBooks, nameOf } from './ledger-books.ts'
import { count, number, plural } from './wording.ts'

const MOST_MAPPED = 50

export function mapAttempts({ results, failures, counts, jobs }: LedgerBooks): Reconciliation['attempts'] {
  if (results === null || failures === null) return null
  const mapped = [...grouped(failures, ({ job }) => job)]
    .map(([id, own]) => ({ ...nameOf(id, jobs), attempts: own.length, state: jobs?.get(id)?.state ?? null }))
    .sort((a, b) => b.attempts - a.attempts || (a.id < b.id ? -1 : 1))
  const named = mapped.reduce((sum, { attempts }) => sum + attempts, 0)
  const failed = counts?.failed ?? null
  return {
    failedAttempts: results.failed,
    failedJobs: failed,
    sentence: attemptsText(results.failed, failed, mapped.length, named),
    jobs: mapped.slice(0, MOST_MAPPED),
    unnamed: Math.max(0, results.failed - named),
  }
}

function attemptsText(attempts: number, failed: number | null, jobs: number, named: number): string {
  if (attempts === 0) return 'No failed attempt is on record: their keys live for a day.'
  const head = `Flower counts ${count(attempts, 'failed attempt')}; the database has ${failed === null ? 'an unknown number of failed jobs' : count(failed, 'failed job')}.`
  if (jobs === 0) return `${head} None of the attempts names its job.`
  const share = named === attempts ? 'all of them' : `${number(named)} of them`
  return `${head} ${count(jobs, 'job')} ${plural(jobs, 'accounts', 'account')} for ${share}; believe the database.`
}
