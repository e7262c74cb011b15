// Jobs wait and no live worker takes them: none runs, it died, or it is paused.
import type { Evidence, Finding, Severity } from '../../contract/finding.ts'
import type { WorkerProcess } from '../../contract/snapshot.ts'
import { type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { lines, liveWorkers, noFailureLine, pulse } from '../heartbeat.ts'
import { isWorkerService, servicesNow, startRemedy } from '../service-facts.ts'
import { count, duration, plural } from '../wording.ts'

export const noWorker: Rule = {
  id: 'no-worker',
  runbook: '3-stuck-crawl-runs.md, "Check Celery Worker Status"; DESIGN §6',
  diagnose(facts) {
    const live = liveWorkers(facts)
    const waiting = waitingJobs(facts)
    // Unknown is not down: without the list of workers, or without the counts, nothing is said here.
    if (live === null || waiting === null || waiting === 0) return []
    const { host } = facts
    const paused = live.filter((worker) => worker.state === 'paused').length
    if (live.length > 0) return paused === live.length ? [pausedFinding(facts, waiting)] : []
    if (somebodyElseWorks(facts)) return []
    const all = now(facts.system.workers) ?? []
    // One that is still waited for may live.
    if (all.some(({ state }) => state === 'unknown')) return []
    // A database alone tells of no worker that reports elsewhere; a broker is asked, and nobody answers.
    if (host === null) return all.length === 0 && !asked(facts) ? [] : [toFinding(facts, waiting, 'warning', null)]
    if (host.engine.state !== 'ready' || host.model === null) return []
    switch (host.worker.state) {
      case 'starting':
        return []
      case 'running':
      case 'paused':
      case 'draining':
        // Just started, its first beat on the way; a lost beat beside a living process is worth a word.
        return all.length === 0 ? [] : [toFinding(facts, waiting, 'warning', host.worker)]
      case 'stopped':
        return [toFinding(facts, waiting, host.worker.because === null ? 'warning' : 'critical', host.worker)]
      case 'restarting':
      case 'blocked':
        return [toFinding(facts, waiting, 'critical', host.worker)]
    }
  },
}

/** Whether the broker's workers were called: none answered then, and none is connected. */
function asked({ system: { queues, workers } }: Facts): boolean {
  return queues !== null && workers.status === 'known'
}

/** Queued, and those that stepped aside: both need a worker to go on. */
function waitingJobs(facts: Facts): number | null {
  const counts = now(facts.system.counts)
  if (counts === null) return null
  const parked = (runningNow(facts) ?? []).filter((job) => job.phase === 'parked' || job.worker !== null).length
  return counts.queued + parked
}

/** A fresh heartbeat of a job that no Unjam worker holds: something alive works here that reports nowhere else. */
function somebodyElseWorks(facts: Facts): boolean {
  return (runningNow(facts) ?? []).some((job) => job.worker === null && pulse(facts, job) === 'fresh')
}

function pausedFinding(facts: Facts, waiting: number): Finding {
  const wait = `${count(waiting, 'job')} ${plural(waiting, 'waits', 'wait')}`
  return {
    ...finding(facts, 'no-worker', 'paused'),
    severity: 'info',
    headline: `The worker is paused. ${wait} until it is resumed.`,
    explanation: 'Nothing is wrong: a paused worker finishes its chunk and takes nothing new.',
    evidence: [waitingRow(facts, waiting), workersRow(facts)],
    notTheCause: lines(noFailureLine(facts)),
    remedies:
      facts.host === null
        ? []
        : [
            {
              action: 'pause-worker',
              label: 'Resume the worker',
              ids: null,
              params: { paused: 'false' },
              effect: 'The next job starts at once.',
            },
          ],
    places: [{ view: 'worker', label: 'Open the worker', job: null }],
  }
}

function toFinding(facts: Facts, waiting: number, severity: Severity, process: WorkerProcess | null): Finding {
  const wait = `${count(waiting, 'job')} ${plural(waiting, 'waits', 'wait')}`
  const alive = process !== null && process.pid !== null && process.state !== 'restarting'
  const workers = now(facts.system.workers) ?? []
  // A hung or frozen one is not dead, and takes nothing all the same.
  const silent = workers.some(({ state }) => state === 'hung' || state === 'frozen')
  const none = process === null || workers.length > 0 ? 'No worker is alive.' : 'No worker runs.'
  const what = silent ? 'No worker takes jobs.' : none
  return {
    ...finding(facts, 'no-worker', null),
    severity,
    headline: alive ? `The worker does not reach the database. ${wait}.` : `${what} ${wait}.`,
    explanation: explain(process, alive, workers.length === 0),
    evidence: [waitingRow(facts, waiting), workersRow(facts), ...processRow(facts, process)],
    notTheCause: lines(
      noFailureLine(facts),
      process === null ? null : 'The model is there',
      process === null ? null : 'The engine is built',
    ),
    remedies:
      process === null || alive
        ? servicesNow(facts).filter(isWorkerService).flatMap(startRemedy)
        : [
            {
              action: 'start-worker',
              label: 'Start the worker',
              ids: null,
              params: {},
              effect: 'The first job starts within seconds; saved chunks are used.',
            },
          ],
    places: [
      { view: 'worker', label: process === null ? 'Open the workers' : 'Open the worker log', job: null },
      ...(facts.system.services === null ? [] : [{ view: 'stack' as const, label: 'Open the services', job: null }]),
    ],
  }
}

function explain(process: WorkerProcess | null, alive: boolean, nobody: boolean): string {
  if (process === null && nobody)
    return 'None answers on the broker, and none is connected to it. One without remote control would not be seen; it would take messages.'
  if (process === null) return 'The workers seen here stopped beating. Whether another program takes jobs is unknown.'
  if (alive) return 'Its process runs here, but its beat in the database has stopped. Jobs it holds are not lost.'
  const why = process.because === null ? 'It was not started, or it was stopped by hand.' : stop(process.because)
  return process.state === 'restarting'
    ? `${why} It is started again by itself (${count(process.restarts, 'restart')} so far).`
    : `${why} Nothing is lost: jobs wait until a worker takes them.`
}

function processRow(facts: Facts, process: WorkerProcess | null): Evidence[] {
  if (process === null) return []
  const why = process.because === null ? '' : `: ${process.because}`
  return [row(facts, 'Process', `${process.state}${why}`, 'worker')]
}

function waitingRow(facts: Facts, waiting: number): Evidence {
  return row(facts, 'Waiting', count(waiting, 'job'), 'database', facts.system.counts)
}

function workersRow(facts: Facts): Evidence {
  const all = now(facts.system.workers) ?? []
  const last = all.reduce<number | null>(
    (least, { beatAgeMs }) => (beatAgeMs === null ? least : Math.min(least ?? beatAgeMs, beatAgeMs)),
    null,
  )
  const alive = liveWorkers(facts)?.length ?? 0
  if (all.length === 0 && asked(facts))
    return row(facts, 'Workers', 'none answers, none is connected', 'worker', facts.system.workers)
  const text = last === null ? `${alive} alive` : `${alive} alive, last beat ${duration(last)} ago`
  return row(facts, 'Workers', text, facts.system.queues === null ? 'database' : 'worker', facts.system.workers)
}

/** One full stop at the end, whoever wrote the sentence. */
function stop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
