// A Celery worker that does not answer: hung, frozen or gone, each with its own cure.
import type { Finding, Remedy } from '../../contract/finding.ts'
import type { Worker } from '../../contract/snapshot.ts'
import { celeryIn, workerRows } from '../broker-facts.ts'
import { type Facts, finding, type Rule } from '../facts.ts'

/** No answer is unknown, never "down": only a second witness (a connection that is gone) makes it lost. */
export const workerUnreachable: Rule = {
  id: 'worker-unreachable',
  runbook: '3-stuck-crawl-runs.md, "Check Celery Worker Status"',
  diagnose(facts) {
    return celeryIn(facts, ['hung', 'frozen', 'lost']).map((worker) => toFinding(facts, worker))
  },
}

function toFinding(facts: Facts, worker: Worker): Finding {
  return {
    ...finding(facts, 'worker-unreachable', worker.name),
    headline: headlines[worker.state === 'hung' || worker.state === 'frozen' ? worker.state : 'lost'](worker.name),
    explanation: worker.because ?? 'It answered before and does not answer now.',
    evidence: workerRows(facts, worker),
    notTheCause: worker.state === 'lost' ? [] : ['Its connection to the broker is there'],
    remedies: worker.state === 'hung' ? [unhang(worker)] : [],
    places: [
      { view: 'worker', label: 'Open the workers', job: null },
      ...(facts.system.services === null ? [] : [{ view: 'stack' as const, label: 'Open the services', job: null }]),
    ],
  }
}

const headlines = {
  hung: (name: string) => `${name} beats, but answers nothing. Its control connection hangs.`,
  frozen: (name: string) => `${name} is connected and silent. Its process is stopped or frozen.`,
  lost: (name: string) => `${name} is gone. It neither answers nor is it connected.`,
}

function unhang(worker: Worker): Remedy {
  return {
    action: 'unhang-worker',
    label: 'Cut its control connection',
    ids: [worker.name],
    params: {},
    effect: 'It connects again within seconds and goes on; a running task is not touched.',
  }
}
