// What the Workers screen says about Celery workers: state with its evidence, pool, and the tasks they hold.
import type { SystemSnapshot, Worker } from '../electron/contract/snapshot.ts'
import type { Task } from '../electron/contract/task.ts'
import { ago, duration, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import type { GlyphName } from './parts/glyph-shapes.tsx'
import { coreNow, grown, type Level, lastValue, readAt, type Shown, shown } from './select.ts'
import { shortTask } from './select-queues.ts'

type State = Worker['state']

/** Each state has its own word and its own shape: a busy, a frozen and a lost worker must never look alike. */
export const workerStates: Readonly<Record<State, { word: string; level: Level; glyph: GlyphName }>> = {
  running: { word: 'running', level: 'clear', glyph: 'done' },
  paused: { word: 'paused', level: 'warning', glyph: 'skipped' },
  draining: { word: 'ends after its jobs', level: 'info', glyph: 'info' },
  busy: { word: 'busy, cannot answer', level: 'info', glyph: 'running' },
  'not-consuming': { word: 'takes nothing', level: 'warning', glyph: 'idle' },
  hung: { word: 'hung, does not answer', level: 'warning', glyph: 'hung' },
  frozen: { word: 'frozen', level: 'critical', glyph: 'frozen' },
  lost: { word: 'lost', level: 'critical', glyph: 'failed' },
  unknown: { word: 'unknown', level: 'unknown', glyph: 'unknown' },
}

export interface CeleryLine {
  readonly key: string
  readonly system: string
  readonly worker: Worker
  readonly word: string
  readonly level: Level
  readonly glyph: GlyphName
  readonly slots: string
  readonly pool: string
  readonly prefetched: string
  readonly queues: string
  readonly heartbeat: string
  readonly since: string
  readonly lost: Shown<unknown>['lost']
}

export interface TaskLine {
  readonly key: string
  readonly system: string
  readonly task: Task
  readonly short: string
  readonly state: string
  readonly elapsed: string
  /** Longer than its own limit or given out twice: worth the amber. */
  readonly alarming: boolean
  readonly note: string
}

export interface CeleryModel {
  /** Systems whose workers are not this computer's, and speak Celery. */
  readonly systems: number
  readonly workers: readonly CeleryLine[]
  readonly tasks: readonly TaskLine[]
  /** “calls: HTTP 502”: workers or tasks that cannot be read and never could. */
  readonly blind: readonly { readonly system: string; readonly because: string }[]
  readonly revision: string
}

export function selectCelery(state: LiveState, nowMs: number): CeleryModel {
  const now = coreNow(state, nowMs)
  const systems = state.snapshot?.systems.filter(({ kind }) => kind !== 'local' && kind !== 'qc') ?? []
  const workers = systems.flatMap((system) => workerLines(system, now))
  const blind = systems.flatMap(({ id, workers: reading }) =>
    reading.status === 'unknown' && (reading.last ?? []).length === 0
      ? [{ system: id, because: reading.failure.because }]
      : [],
  )
  return {
    systems: systems.length,
    workers,
    tasks: systems.flatMap((system) => taskLines(system, now)),
    blind,
    revision: workers.map(({ worker }) => `${worker.id}${worker.state}${worker.slots}`).join(),
  }
}

function workerLines(system: SystemSnapshot, now: number): CeleryLine[] {
  const { value, lost } = shown(system.workers, now)
  return (value ?? []).map((worker) => {
    const { word, level, glyph } = workerStates[lost === null ? worker.state : 'unknown']
    const beat = grown(worker.beatAgeMs, readAt(system.workers), now)
    return {
      key: `${system.id} ${worker.id}`,
      system: system.id,
      worker,
      word: lost === null ? word : `last known ${ago(lost.ageMs)}`,
      level,
      glyph,
      slots: `${worker.busy} of ${worker.slots}`,
      pool: worker.pool ?? '–',
      prefetched: worker.prefetched === null ? '–' : String(worker.prefetched),
      queues: worker.queues === null ? '–' : worker.queues.length === 0 ? 'none' : worker.queues.join(', '),
      heartbeat: beat === null ? '–' : ago(beat),
      since: worker.startedAt === null ? '–' : when(time(worker.startedAt), now),
      lost,
    }
  })
}

const order: Readonly<Record<Task['state'], number>> = { active: 0, reserved: 1, scheduled: 2 }
const taskStates: Readonly<Record<Task['state'], string>> = {
  active: 'running',
  reserved: 'taken, waits for a slot',
  scheduled: 'waits for its time',
}

function taskLines(system: SystemSnapshot, now: number): TaskLine[] {
  if (system.tasks === null) return []
  const read = readAt(system.tasks)
  return (lastValue(system.tasks) ?? [])
    .toSorted((a, b) => order[a.state] - order[b.state] || (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0))
    .map((task) => {
      const elapsed = task.state === 'active' ? grown(task.elapsedMs, read, now) : null
      const over = elapsed !== null && task.timeLimitMs !== null && elapsed > task.timeLimitMs
      const notes = [
        task.timeLimitMs === null ? '' : `limit ${duration(task.timeLimitMs)}`,
        task.redelivered ? 'given out a second time' : '',
        task.eta === null ? '' : `not before ${when(time(task.eta), now)}`,
      ]
      return {
        key: `${system.id} ${task.id}`,
        system: system.id,
        task,
        short: shortTask(task.name),
        state: taskStates[task.state],
        elapsed: elapsed === null ? '–' : duration(elapsed),
        alarming: over || task.redelivered,
        note: notes.filter(Boolean).join(', '),
      }
    })
}

/** “3 of 7 slots taken. 1 worker is well, 5 are not.” */
export function celerySentence({ workers }: CeleryModel): string {
  const readable = workers.filter(({ lost }) => lost === null)
  if (readable.length === 0) return workers.length === 0 ? '' : 'No worker can be asked now.'
  const live = readable.filter(({ worker }) => worker.state !== 'lost')
  const sum = (of: (worker: Worker) => number) => live.reduce((total, { worker }) => total + of(worker), 0)
  const sick = readable.filter(({ level }) => level === 'warning' || level === 'critical').length
  const well = readable.length - sick
  const health =
    sick === 0
      ? 'All are well.'
      : `${well} ${well === 1 ? 'is' : 'are'} well, ${sick} ${sick === 1 ? 'is' : 'are'} not.`
  return `${sum(({ busy }) => busy)} of ${sum(({ slots }) => slots)} slots taken. ${health}`
}

/** Why a press would do nothing to this worker; null where it may. */
export function workerDeaf(action: 'grow' | 'shrink' | 'unhang', { state, pool, slots }: Worker): string | null {
  if (action === 'unhang') return state === 'hung' ? null : 'Its control connection is not known to hang.'
  if (state === 'lost') return 'The worker is gone.'
  if (state === 'hung' || state === 'frozen') return 'It does not answer control commands now.'
  if (state === 'busy') return 'It can be asked when its task has ended.'
  if (pool === 'solo') return 'A solo pool has one slot and cannot change.'
  return action === 'shrink' && slots <= 1 ? 'It has only one slot.' : null
}
