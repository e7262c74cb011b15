// A time limit is set although stuck jobs are found by their heartbeat, and a recording that waits or runs will not fit.
import { finding, now, type Rule, row, runningNow } from '../facts.ts'
import { needsMs } from '../forecast.ts'
import { limitOf, paceOf } from '../time-limit.ts'
import { audio, duration, limit as limitText } from '../wording.ts'
import { timeoutBelowDuration } from './timeout-below-duration.ts'

export const timeoutNotNeeded: Rule = {
  id: 'timeout-not-needed',
  runbook: '2-redis-celery-cleanup.md, "No need to set TASK_TIMEOUT_SECONDS"',
  diagnose(facts) {
    const limit = limitOf(facts)
    const pace = paceOf(facts)
    // Where it has killed already, that is the finding: one, not two.
    if (limit === null || limit.from === 'error' || timeoutBelowDuration.diagnose(facts).length > 0) return []
    const doomed = (runningNow(facts) ?? []).find((job) => (needsMs(job, pace) ?? 0) > limit.ms)
    if (doomed === undefined || doomed.audioMs === null || pace === null) return []
    return [
      {
        ...finding(facts, 'timeout-not-needed', doomed.id),
        headline: `A running recording will not fit into the ${limitText(limit.ms)} limit.`,
        explanation:
          'Stuck jobs are found by their heartbeat: without the limit it can finish, and nothing else changes.',
        evidence: [
          row(
            facts,
            doomed.title,
            `${audio(doomed.audioMs)}, needs about ${duration(doomed.audioMs / pace)}`,
            'database',
          ),
          row(facts, 'Limit', `${limit.ms / 1000} s`, 'settings', facts.system.limits),
          row(facts, 'Heartbeat limit', limitText(facts.heartbeatLimitMs), 'settings'),
        ],
        remedies:
          now(facts.system.limits) === null || facts.system.env === null
            ? []
            : [
                {
                  action: 'set-env',
                  label: 'Remove the limit',
                  ids: null,
                  params: { TASK_TIMEOUT_SECONDS: 'none' },
                  effect: 'Recreates the worker: what it runs now starts again.',
                },
              ],
        places: [
          { view: 'job', label: 'Open the recording', job: doomed.id },
          { view: 'proof', label: 'Compare time limits', job: null },
        ],
      },
    ]
  },
}
