// Queue and database disagree: messages whose job is not to be done, or queued jobs that no message will start.
import type { Finding } from '../../contract/finding.ts'
import type { Discrepancy } from '../../contract/proof.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { count, plural } from '../wording.ts'

export const queueDatabaseMismatch: Rule = {
  id: 'queue-database-mismatch',
  kinds: ['recordings'],
  runbook: '2-redis-celery-cleanup.md, "The database is the source of truth for what should be processed"',
  diagnose(facts) {
    const books = facts.ledgers === null ? null : now(facts.ledgers)
    if (books === null) return []
    return books.discrepancies.flatMap((one) => {
      if (one.kind === 'queued-without-message') return enqueuerGone(facts) ? [withoutMessage(facts, one)] : []
      return one.kind === 'leftover-message' || one.kind === 'message-of-nothing' ? [leftover(facts, one)] : []
    })
  },
}

/** While an enqueuer's message waits, it will send what is missing as soon as a worker is free (runbook 0). */
function enqueuerGone(facts: Facts): boolean {
  const books = facts.ledgers === null ? null : now(facts.ledgers)
  return books?.numbers.find(({ label }) => label === 'Messages of periodic tasks')?.value === 0
}

function withoutMessage(facts: Facts, { count: n, jobs }: Discrepancy): Finding {
  return {
    ...finding(facts, 'queue-database-mismatch', 'queued-without-message'),
    headline: `${count(n, 'queued job')} ${plural(n, 'has', 'have')} no message. Nothing will start ${plural(n, 'it', 'them')}.`,
    explanation:
      'The scheduler has had time for two ticks, and no enqueuer waits either. Messages of these jobs were lost or purged.',
    evidence: evidence(facts, jobs),
    notTheCause: ['Workers: they hold none of these jobs'],
    remedies: [
      {
        action: 'enqueue-now',
        label: `Enqueue ${count(n, 'job')}`,
        ids: n > jobs.length ? null : jobs.map(({ id }) => id),
        params: {},
        effect: 'Sends what the scheduler would. Undo is possible while the messages wait.',
      },
    ],
    places: [{ view: 'proof', label: 'Compare the ledgers', job: null }],
  }
}

function leftover(facts: Facts, { kind, count: n, jobs }: Discrepancy): Finding {
  const ended = kind === 'leftover-message'
  return {
    ...finding(facts, 'queue-database-mismatch', kind),
    headline: ended
      ? `Messages wait for ${count(n, 'job')} that ${plural(n, 'has', 'have')} ended. Workers would run ${plural(n, 'it', 'them')} again.`
      : `Messages wait for ${count(n, 'job')} that the database does not have.`,
    explanation:
      'The database says what is to be done. A purge clears the queue, and within two minutes the scheduler fills it from the database.',
    evidence: evidence(facts, jobs),
    remedies: [
      {
        action: 'purge-queue',
        label: 'Purge the queue',
        ids: null,
        params: {},
        effect: 'All messages go to quarantine; the scheduler sends those that are needed. Undo is possible for 24 h.',
      },
    ],
    places: [{ view: 'proof', label: 'Compare the ledgers', job: null }],
  }
}

function evidence(facts: Facts, jobs: Discrepancy['jobs']) {
  const reading = facts.ledgers ?? undefined
  const books = facts.ledgers === null ? null : now(facts.ledgers)
  const value = (label: string) => String(books?.numbers.find((one) => one.label === label)?.value ?? 'unknown')
  return [
    row(facts, 'Queued jobs', value('Queued jobs'), 'database', reading),
    row(facts, 'Messages for jobs', value('Messages for jobs'), 'broker', reading),
    ...jobs.slice(0, 3).map(({ id, title }) => row(facts, 'Job', title ?? id, 'database', reading)),
  ]
}
