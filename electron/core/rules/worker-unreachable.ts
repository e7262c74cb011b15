// A Celery worker that does not answer: hung, frozen or gone, each with its own cure.
import type { Finding, Remedy } from '../../contract/finding.ts'
import type { Worker } from '../../contract/snapshot.ts'
import { celeryIn, workerRows } from '../broker-facts.ts'
import { type Facts, finding, type Rule } from '../facts.ts'

/** Shorter silences have causes that pass: a reading that was late, a machine under load. */
const LONG_MS = 60_000

/** No answer is unknown, never "down": only a second witness (a connection that is gone) makes it lost. */
export const workerUnreachable: Rule = {
  id: 'worker-unreachable',
  runbook: '3-stuck-crawl-runs.md, "Check Celery Worker Status"',
  diagnose(facts) {
    const others = celeryIn(facts, ['running', 'busy'])
    const unclear = celeryIn(facts, ['unknown']).filter(isSilentForLong)
    const silent = [...celeryIn(facts, ['hung', 'frozen', 'lost']), ...unclear].map((worker) => ({
      worker,
      heir: heirOf(worker, others),
    }))
    return silent.flatMap(({ worker, heir }) =>
      heir !== null && isLater(heir, worker) ? [] : [toFinding(facts, worker, heir)],
    )
  },
}

/** It answered once, and its pool would answer beside any task; only which of the two ails it is unknown. */
function isSilentForLong({ pool, beatAgeMs }: Worker): boolean {
  return pool !== null && pool !== undefined && pool !== 'solo' && (beatAgeMs ?? 0) >= LONG_MS
}

/**
 * Who consumes everything that a worker that is gone consumed: its restart under another name, or one beside it. One
 * that went before it ever said what it consumes left nothing that is known; a queue without a consumer is told apart.
 */
function heirOf({ state, queues }: Worker, others: readonly Worker[]): Worker | null {
  if (state !== 'lost') return null
  return others.find((other) => (queues ?? []).every((queue) => other.queues?.includes(queue))) ?? null
}

/** Begun after the last sign of life of the one that is gone: it took its place, as a new container does. */
function isLater({ startedAt }: Worker, { beatAt }: Worker): boolean {
  return startedAt !== null && beatAt !== null && Date.parse(startedAt) >= Date.parse(beatAt)
}

function toFinding(facts: Facts, worker: Worker, heir: Worker | null): Finding {
  return {
    ...finding(facts, 'worker-unreachable', worker.name),
    severity: heir === null ? 'warning' : 'info',
    headline: headlineOf(worker),
    explanation: worker.because ?? 'It answered before and does not answer now.',
    evidence: workerRows(facts, worker),
    notTheCause: [
      ...(worker.state === 'lost' ? [] : ['Its connection to the broker is there']),
      ...(heir === null
        ? []
        : [`${heir.name} ${worker.queues === null ? 'goes on' : 'consumes the same queues and goes on'}`]),
    ],
    remedies: worker.state === 'hung' || worker.state === 'unknown' ? [unhang(worker)] : [],
    places: [
      { view: 'worker', label: 'Open the workers', job: null },
      ...(facts.system.services === null ? [] : [{ view: 'stack' as const, label: 'Open the services', job: null }]),
    ],
  }
}

function headlineOf({ name, state }: Worker): string {
  switch (state) {
    case 'hung':
      return `${name} beats, but answers nothing. Its control connection hangs.`
    case 'frozen':
      return `${name} is connected and silent. Its process is stopped or frozen.`
    case 'unknown':
      return `${name} is connected and silent. It hangs, or its process is stopped or frozen.`
    default:
      return `${name} is gone. It neither answers nor is it connected.`
  }
}

function unhang(worker: Worker): Remedy {
  return {
    action: 'unhang-worker',
    label: 'Cut its control connection',
    ids: [worker.name],
    params: {},
    effect: `${worker.state === 'hung' ? 'It' : 'Where it hangs, it'} connects again within seconds and goes on; a running task is not touched.`,
  }
}
