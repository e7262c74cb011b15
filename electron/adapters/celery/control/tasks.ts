// Tasks that workers hold, with the job of each and how long it runs by the broker's clock.
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Task } from '../../../contract/task.ts'
import { jobOf } from '../message/job-of.ts'
import { isRecord, type Plain, pythonRepr, tupleRepr } from '../message/python-text.ts'
import type { HeldTask, ScheduledTask } from './answers.ts'
import type { Beat } from './events.ts'
import type { Survey, Surveyed } from './survey.ts'

const ARGS = 300
/** More than this are not read by a person; running ones come first. */
const MOST = 200

export function tasksOf(survey: Survey, beats: ReadonlyMap<string, Beat>, app: CelerySettings): readonly Task[] {
  const tasks = [...survey.workers].flatMap(([worker, now]) => {
    const make = (task: HeldTask, state: Task['state'], eta: string | null) =>
      toTask(task, { worker, now, state, eta: instantOf(eta), skewMs: skewOf(beats.get(worker), survey), survey, app })
    return [
      ...(now.active ?? []).map((task) => make(task, 'active', null)),
      ...(now.reserved ?? []).map((task) => make(task, 'reserved', null)),
      ...(now.scheduled ?? []).map(({ eta, request }: ScheduledTask) => make(request, 'scheduled', eta ?? null)),
    ]
  })
  const order = { active: 0, reserved: 1, scheduled: 2 }
  return tasks.sort((a, b) => order[a.state] - order[b.state] || (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0)).slice(0, MOST)
}

interface Around {
  readonly worker: string
  readonly now: Surveyed
  readonly state: Task['state']
  readonly eta: string | null
  /** What to add to the worker's clock to have the broker's; null when no heartbeat has told. */
  readonly skewMs: number | null
  readonly survey: Survey
  readonly app: CelerySettings
}

function toTask(task: HeldTask, { worker, now, state, eta, skewMs, survey, app }: Around): Task {
  const startedMs = task.time_start == null ? null : task.time_start * 1000 + (skewMs ?? 0)
  const elapsedMs = startedMs === null ? null : bounded(survey.brokerMs - startedMs, skewMs, now.stats.uptimeMs)
  return {
    id: task.id,
    name: task.name,
    job: jobOf(app, task),
    worker,
    state,
    startedAt: elapsedMs === null ? null : new Date(survey.brokerMs - elapsedMs).toISOString(),
    elapsedMs,
    eta,
    queue: task.delivery_info?.routing_key ?? null,
    args: printed(task.args, task.kwargs).slice(0, ARGS),
    timeLimitMs: now.stats.timeLimitMs,
    redelivered: task.delivery_info?.redelivered === true,
  }
}

/** No task runs for longer than its worker, or since the future. Without a known skew, what is impossible is unknown. */
function bounded(elapsed: number, skewMs: number | null, uptimeMs: number | null): number | null {
  const longest = uptimeMs === null ? Infinity : uptimeMs + 2000
  if (skewMs === null && (elapsed < -1000 || elapsed > longest)) return null
  return Math.min(Math.max(0, elapsed), longest)
}

/** Heartbeats carry the worker's time; the network's part of the difference is milliseconds. */
function skewOf(beat: Beat | undefined, survey: Survey): number | null {
  if (beat === undefined || beat.sentMs === 0) return null
  return survey.brokerMs - (survey.atMs - beat.arrivedMs) - beat.sentMs
}

function printed(args: unknown, kwargs: unknown): string {
  const one = typeof args === 'string' ? args : Array.isArray(args) ? tupleRepr(args as Plain[]) : ''
  const two = typeof kwargs === 'string' ? kwargs : isRecord(kwargs) ? pythonRepr(kwargs) : '{}'
  return two === '{}' ? one : `${one} ${two}`
}

function instantOf(text: string | null): string | null {
  const ms = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
