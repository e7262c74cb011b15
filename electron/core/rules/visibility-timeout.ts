// Work that is acknowledged only at its end takes longer than the broker waits: it will be handed out a second time.
import type { Finding } from '../../contract/finding.ts'
import type { Task } from '../../contract/task.ts'
import { tasksNow } from '../broker-facts.ts'
import { type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { needsMs, speedOf } from '../forecast.ts'
import type { Delivery } from '../ports/broker.ts'
import { duration, limit } from '../wording.ts'

export const visibilityTimeout: Rule = {
  id: 'visibility-timeout',
  runbook: '0-stuck-at-1069.md, "That can take hours" (kombu, Redis transport: visibility_timeout is one hour)',
  diagnose(facts) {
    const delivery = facts.delivery === null ? null : now(facts.delivery)
    // Acknowledged at its start, a message is gone from the broker: it cannot come back.
    if (delivery === null || delivery.acksLate !== true) return []
    const long = tasksNow(facts)
      .filter(({ state, job }) => state === 'active' && job !== null)
      .map((task) => ({ task, needs: expectedMs(facts, task) }))
      .filter(({ needs }) => needs !== null && needs > delivery.visibilityTimeoutMs)
    const [first] = long
    return first === undefined || first.needs === null ? [] : [toFinding(facts, delivery, first.task, first.needs)]
  },
}

/** How long it will have taken, or has taken already; null when nothing tells. */
function expectedMs(facts: Facts, task: Task): number | null {
  const job = runningNow(facts)?.find(({ id }) => id === task.job)
  const pace = job === undefined ? null : speedOf(job, now(facts.system.attempts), now(facts.system.throughput))
  const known = [task.elapsedMs, job === undefined ? null : needsMs(job, pace)].flatMap((ms) =>
    ms === null ? [] : [ms],
  )
  return known.length === 0 ? null : Math.max(...known)
}

function toFinding(facts: Facts, delivery: Delivery, task: Task, needs: number): Finding {
  const { visibilityTimeoutMs, from } = delivery
  const past = (task.elapsedMs ?? 0) > visibilityTimeoutMs
  const title = runningNow(facts)?.find(({ id }) => id === task.job)?.title ?? task.job ?? task.id
  const tasks = facts.system.tasks ?? undefined
  const room = Math.ceil((needs * 1.25) / 3_600_000) * 3600
  return {
    ...finding(facts, 'visibility-timeout', task.id),
    severity: task.redelivered || past ? 'critical' : 'warning',
    headline: past
      ? `A task outlasts the broker’s ${limit(visibilityTimeoutMs)}. Its message is handed out again.`
      : `A task will outlast the broker’s ${limit(visibilityTimeoutMs)}. It will run twice.`,
    explanation:
      `The message is acknowledged only when the task ends, and Redis gives back what is not acknowledged in time. ` +
      `Set visibility_timeout to ${room} or more in broker_transport_options, or turn acks_late off.`,
    evidence: [
      row(facts, title, `runs for ${duration(task.elapsedMs ?? 0)}, needs about ${duration(needs)}`, 'worker', tasks),
      row(
        facts,
        'Visibility timeout',
        `${visibilityTimeoutMs / 1000} s${from === 'default' ? ', the default of kombu' : ''}`,
        from === 'worker' ? 'worker' : 'settings',
        facts.delivery ?? undefined,
      ),
      row(facts, 'Acknowledged', 'when the task ends (acks_late)', 'worker', facts.delivery ?? undefined),
      row(facts, 'Handed out before', task.redelivered ? 'yes' : 'no', 'worker', tasks),
    ],
    notTheCause: ['The recording: any task of this length comes back'],
    places: task.job === null ? [] : [{ view: 'job', label: 'Open the job', job: task.job }],
  }
}
