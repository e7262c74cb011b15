// Queue and database disagree: messages whose job is not to be done, or queued jobs that no message will start.
import type { Finding } from '../../contract/finding.ts'
import type { Discrepancy, Reconciliation } from '../../contract/proof.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { nobodyTakes } from '../heartbeat.ts'
import { count, duration, plural } from '../wording.ts'
import { tickHeard } from './beat-silent.ts'

export const queueDatabaseMismatch: Rule = {
  id: 'queue-database-mismatch',
  kinds: ['recordings'],
  runbook: '2-redis-celery-cleanup.md, "The database is the source of truth for what should be processed"',
  diagnose(facts) {
    const books = facts.ledgers === null ? null : now(facts.ledgers)
    if (books === null) return []
    return books.discrepancies.flatMap((one) => {
      if (one.kind === 'queued-without-message') return willBeSent(facts, books) ? [] : [withoutMessage(facts, one)]
      return isNeedless(one) ? [needless(facts, one)] : []
    })
  },
}

/** An enqueuer that waits sends what is missing as soon as a worker is free (runbook 0); without any tick `beat-silent` is the cause. */
function willBeSent(facts: Facts, books: Reconciliation): boolean {
  const waiting = books.numbers.find(({ label }) => label === 'Messages of periodic tasks')?.value ?? null
  return waiting !== 0 || tickHeard(facts)?.silent === true
}

function withoutMessage(facts: Facts, { count: n, jobs }: Discrepancy): Finding {
  const tick = tickHeard(facts)
  return {
    ...finding(facts, 'queue-database-mismatch', 'queued-without-message'),
    headline: `${count(n, 'queued job')} ${plural(n, 'has', 'have')} no message. ${tick === null ? 'Nothing is known to start' : 'The scheduler passes over'} ${plural(n, 'it', 'them')}.`,
    explanation: `${
      tick === null
        ? 'Whether a scheduler ticks is unknown, and no enqueuer waits.'
        : `The scheduler ticked ${duration(tick.ageMs)} ago, there was time for two ticks, and no enqueuer waits.`
    } Messages of these jobs were lost or purged.`,
    evidence: [
      ...evidence(facts, jobs),
      row(
        facts,
        'Scheduler',
        tick === null ? 'unknown: no log and no waiting message tells' : `ticked ${duration(tick.ageMs)} ago`,
        'stack',
        facts.beat ?? undefined,
      ),
    ],
    notTheCause: ['Workers: they hold none of these jobs'],
    remedies: nobodyTakes(facts)
      ? []
      : [
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

type Needless = 'leftover-message' | 'message-of-nothing' | 'message-of-running'

function isNeedless(one: Discrepancy): one is Discrepancy & { kind: Needless } {
  return one.kind === 'leftover-message' || one.kind === 'message-of-nothing' || one.kind === 'message-of-running'
}

const headlines: Readonly<Record<Needless, (n: number) => string>> = {
  'leftover-message': (n) =>
    `Messages wait for ${count(n, 'job')} that ${plural(n, 'has', 'have')} ended. Workers would run ${plural(n, 'it', 'them')} again.`,
  'message-of-nothing': (n) => `Messages wait for ${count(n, 'job')} that the database does not have.`,
  'message-of-running': (n) =>
    `Messages wait for ${count(n, 'job')} that ${plural(n, 'runs', 'run')} already. A free worker would begin ${plural(n, 'it', 'them')} again.`,
}

function needless(facts: Facts, { kind, count: n, jobs }: Discrepancy & { kind: Needless }): Finding {
  return {
    ...finding(facts, 'queue-database-mismatch', kind),
    headline: headlines[kind](n),
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
