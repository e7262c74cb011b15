// Facts for tests of rules: the runbook's stuck system by default, one part changed at a time.

import type { Finding } from '../../electron/contract/finding.ts'
import type { Progress, RunningJob } from '../../electron/contract/job.ts'
import { QcTexts } from '../../electron/contract/qc-texts.ts'
import type { LocalHost, SystemSnapshot } from '../../electron/contract/snapshot.ts'
import type { Facts, Rule } from '../../electron/core/facts.ts'
import { noTrend } from '../../electron/core/trend.ts'
import { holdToWording } from './finding-words.ts'
import { HOUR, known, MINUTE, NOW, runningJob, system } from './snapshot-builders.ts'

export function facts(part: Partial<SystemSnapshot> = {}, more: Partial<Facts> = {}): Facts {
  const one = system(part)
  return {
    now: NOW,
    system: one,
    host: null,
    backlog: known({ oldestWaitingMs: 3 * HOUR, meanAudioMs: 4 * MINUTE, longest: null }),
    failures: known([]),
    log: null,
    runs: null,
    beat: null,
    ledgers: null,
    delivery: null,
    room: null,
    trend: noTrend,
    interrupted: [],
    setAside: [],
    repairs: [],
    texts: null,
    heartbeatLimitMs: 15 * MINUTE,
    beatMs: one.kind === 'local' ? 30_000 : 120_000,
    chunkMs: 10 * MINUTE,
    ...more,
  }
}

/** Facts of the local system with the machine beside it. */
export function localFacts(host: LocalHost, part: Partial<SystemSnapshot> = {}, more: Partial<Facts> = {}): Facts {
  return facts({ id: 'local', kind: 'local', ...part }, { host, ...more })
}

/** Facts of a QC service (runbook 4) with these running jobs. */
export function qcFacts(jobs: RunningJob[], part: Partial<SystemSnapshot> = {}, more: Partial<Facts> = {}): Facts {
  const texts = QcTexts.parse({})
  return facts({ id: 'qc', kind: 'qc', running: known(jobs), ...part }, { texts, ...more })
}

/** A QC job at a percent that has not moved for so many minutes; null is not known. */
export function qcJob(
  percent: number | null,
  minutes: number | null,
  more: Partial<Progress> = {},
  id = 'job-1',
): RunningJob {
  const movedAgeMs = minutes === null ? null : minutes * MINUTE
  return runningJob({
    ...{ system: 'qc', id, title: 'ep1.mov', audioMs: null, heartbeatAgeMs: null },
    progress: {
      ...{ audioDoneMs: null, audioTotalMs: null, speed: null, etaMs: null, chunksDone: null, chunksTotal: null },
      ...{ percent, movedAgeMs, ...more },
    },
  })
}

/** Runs a rule and holds its words to the house's wording (ui/README.md) before handing them out. */
export function run(rule: Rule, given: Facts): readonly Finding[] {
  const findings = rule.diagnose(given)
  for (const finding of findings) holdToWording(finding)
  return findings
}
