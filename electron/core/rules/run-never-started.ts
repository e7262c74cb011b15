// A crawl run has been pending for more than a quarter of an hour: its message waits, or there is none.
import type { Finding, Remedy } from '../../contract/finding.ts'
import type { QueuedJob } from '../../contract/job.ts'
import { workerHint } from '../broker-facts.ts'
import { before, type Facts, finding, now, type Rule, readAgo } from '../facts.ts'
import { liveWorkers } from '../heartbeat.ts'
import { asked, comesBack, runRows, runsHaveBeen, whereIs } from '../run-facts.ts'
import { NEVER_STARTED_MS } from '../watch-runs.ts'
import { plural } from '../wording.ts'

type Case = 'lost' | 'taken' | 'waits' | 'unknown'

export const runNeverStarted: Rule = {
  id: 'run-never-started',
  runbook: '3-stuck-crawl-runs.md, "Runs stuck in pending for >15 minutes"; "For Pending Runs"',
  diagnose(facts) {
    const { runs } = facts
    if (facts.system.kind !== 'crawl' || runs === null) return []
    const older = readAgo(facts, runs)
    const late = (now(runs)?.queued ?? [])
      .map((run) => ({ ...run, waitingMs: run.waitingMs === null ? null : run.waitingMs + older }))
      .filter((run) => age(run) > NEVER_STARTED_MS)
    const cases: readonly Case[] = ['lost', 'taken', 'waits', 'unknown']
    return cases.flatMap((one) =>
      toFinding(
        facts,
        one,
        late.filter((run) => caseOf(facts, run) === one),
      ),
    )
  },
}

const age = ({ waitingMs }: QueuedJob) => waitingMs ?? 0

function caseOf(facts: Facts, run: QueuedJob): Case {
  const where = whereIs(facts, run)
  if (where === 'nobody') return 'lost'
  return where === 'unknown' || where === 'taken' ? where : 'waits'
}

function toFinding(facts: Facts, one: Case, runs: readonly QueuedJob[]): Finding[] {
  const [oldest] = runs
  if (oldest === undefined) return []
  return [
    {
      ...finding(facts, 'run-never-started', one),
      severity: one === 'lost' ? 'critical' : 'warning',
      headline: `${runsHaveBeen('pending', runs.length, age(oldest))} ${endings[one](runs.length)}`,
      explanation: explain(facts, one, runs.length),
      since: before(facts, age(oldest) - NEVER_STARTED_MS),
      evidence: runRows(facts, runs, (run) => (run.state === 'queued' ? age(run) : 0)),
      hints: liveWorkers(facts)?.length === 0 ? workerHint(facts) : [],
      remedies: one === 'lost' ? remedies(runs) : [],
      places: [
        { view: 'job', label: 'Open the run', job: oldest.id },
        ...(one === 'waits' ? [{ view: 'queues' as const, label: 'Open the queues', job: null }] : []),
      ],
    },
  ]
}

const endings: Readonly<Record<Case, (n: number) => string>> = {
  lost: (n) => `No message will start ${plural(n, 'it', 'them')}.`,
  taken: (n) => `A worker took ${plural(n, 'its message', 'their messages')} and is gone.`,
  waits: (n) => `${plural(n, 'Its message waits', 'Their messages wait')} for a worker.`,
  unknown: (n) => `Whether ${plural(n, 'its message waits', 'their messages wait')} is unknown.`,
}

function explain(facts: Facts, one: Case, n: number): string {
  switch (one) {
    case 'lost':
      return `${asked(facts)}, ${liveWorkers(facts)?.length === 0 ? 'and' : 'none has it, and'} no queue holds a message of ${plural(n, 'it', 'them')}. ${plural(n, 'It waits', 'They wait')} for ever unless started anew.`
    case 'taken':
      return `${comesBack(facts, n)} Until then nothing starts ${plural(n, 'it', 'them')}; starting anew might start ${plural(n, 'it', 'them')} twice.`
    case 'waits':
      return liveWorkers(facts)?.length === 0
        ? 'No worker is alive that would take it.'
        : 'It starts when a worker that consumes its queue has a free slot.'
    case 'unknown':
      return 'The queues or a worker could not be asked, so starting it anew might start it twice.'
  }
}

/** A parent's message alone would start none of its sources (runbook 3 re-queues single runs). */
function remedies(runs: readonly QueuedJob[]): Remedy[] {
  const ids = runs.flatMap((run) => (run.children == null ? [run.id] : []))
  const n = ids.length
  return n === 0
    ? []
    : [
        {
          action: 'retry-jobs',
          label: n === 1 ? 'Start the run anew' : `Start ${n} runs anew`,
          ids,
          params: {},
          effect: `A new task id and a message for ${plural(n, 'it', 'each')}. Undo is possible until a worker takes it.`,
        },
      ]
}
