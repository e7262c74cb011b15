// The local worker cannot transcribe yet: no model, or whisper.cpp is not built. Jobs wait, no retry is burned.
import { sentence } from '../../contract/failure.ts'
import type { Finding, Place } from '../../contract/finding.ts'
import type { LocalHost } from '../../contract/snapshot.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { lines, liveWorkers, noFailureLine } from '../heartbeat.ts'
import { count, plural } from '../wording.ts'

export const noModel: Rule = {
  id: 'no-model',
  runbook: 'DESIGN §6 and §7, "no model yet means jobs wait and no retry is burned"',
  diagnose(facts) {
    const { host } = facts
    // A live worker has its model and engine, wherever they come from.
    if (host === null || (liveWorkers(facts)?.length ?? 0) > 0) return []
    return [...engine(facts, host), ...model(facts, host)]
  },
}

function engine(facts: Facts, host: LocalHost): Finding[] {
  if (host.engine.state === 'ready') return []
  const settings: Place = { view: 'settings', label: 'See what is missing', job: null }
  if (host.engine.state === 'building')
    return [
      {
        ...common(facts, 'engine'),
        severity: 'info',
        headline: `The transcription engine is being built. ${waitingClause(facts, 'Jobs start after that.')}`,
        explanation: `${Math.round(host.engine.percent)} % done: ${host.engine.step}. This happens once on each machine.`,
        evidence: [row(facts, 'Engine', `building, ${Math.round(host.engine.percent)} %`, 'engine'), waitingRow(facts)],
        places: [settings],
      },
    ]
  return [
    {
      ...common(facts, 'engine'),
      headline: `The transcription engine is missing. ${waitingClause(facts, 'Jobs wait until it is built.')}`,
      explanation: sentence(host.engine.failure),
      evidence: [row(facts, 'Engine', `missing: ${host.engine.failure.because}`, 'engine'), waitingRow(facts)],
      places: [settings],
    },
  ]
}

function model(facts: Facts, host: LocalHost): Finding[] {
  if (host.model !== null) return []
  const { download } = host
  const models: Place = { view: 'models', label: 'Choose a model', job: null }
  if (download !== null && download.failure === null) {
    const percent = download.totalBytes === null ? null : Math.floor((100 * download.doneBytes) / download.totalBytes)
    const far = percent === null ? '' : `, ${percent} %`
    return [
      {
        ...common(facts, 'model'),
        severity: 'info',
        headline: `The model ${download.name} is being downloaded${far}. ${waitingClause(facts, 'Jobs start after that.')}`,
        explanation: 'Jobs wait for it, and no retry is burned.',
        evidence: [row(facts, 'Download', `${download.name}${far}`, 'model'), waitingRow(facts)],
        places: [models],
      },
    ]
  }
  const failed = download?.failure ?? null
  return [
    {
      ...common(facts, 'model'),
      headline: `The worker has no model. ${waitingClause(facts, 'Jobs can be added and will wait.')}`,
      explanation: failed === null ? 'Download one or import a file; then the worker starts.' : sentence(failed),
      evidence: [
        row(facts, 'Model', host.models.length === 0 ? 'none in the model folder' : 'none chosen', 'model'),
        waitingRow(facts),
      ],
      places: [models],
    },
  ]
}

function common(facts: Facts, subject: string): Omit<Finding, 'headline' | 'explanation'> {
  return {
    ...finding(facts, 'no-model', subject),
    severity: (now(facts.system.counts)?.queued ?? 0) > 0 ? 'warning' : 'info',
    notTheCause: lines('No retry is burned while jobs wait', noFailureLine(facts)),
  }
}

function waitingClause(facts: Facts, none: string): string {
  const queued = now(facts.system.counts)?.queued ?? 0
  return queued === 0 ? none : `${count(queued, 'job')} ${plural(queued, 'waits', 'wait')} for it.`
}

function waitingRow(facts: Facts) {
  const counts = now(facts.system.counts)
  const text = counts === null ? 'unknown: the counts cannot be read' : count(counts.queued, 'queued job')
  return row(facts, 'Waiting', text, 'database', facts.system.counts)
}
