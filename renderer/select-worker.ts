// What the Worker screen derives: the process in words, its workers and their ages, models beside their downloads.
import type { CatalogModel } from '../electron/contract/host.ts'
import type { LocalHost, ModelFile, Worker } from '../electron/contract/snapshot.ts'
import { ago, bytes, percent, speed, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import { coreNow, grown, type Level, lastValue, readAt, type Shown, shown } from './select.ts'
import { workerStates } from './select-celery.ts'
import { type RunModel, selectRunning } from './select-running.ts'

export interface WorkerLine {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly level: Level
  readonly slots: string
  readonly threads: string
  readonly model: string
  readonly speed: string
  readonly heartbeat: string
  readonly started: string
}

export interface WorkerModel {
  /** A local system is watched: this computer has a worker of its own. */
  readonly present: boolean
  readonly system: string
  readonly process: LocalHost['worker']
  readonly headline: string
  readonly level: Level
  readonly because: string | null
  readonly workers: Shown<readonly WorkerLine[]>
  readonly running: readonly RunModel[]
  /** Said where no job runs. */
  readonly slots: string
  readonly host: LocalHost
}

const headlines: Readonly<Record<LocalHost['worker']['state'], { text: string; level: Level }>> = {
  stopped: { text: 'The worker is stopped.', level: 'warning' },
  starting: { text: 'The worker is starting.', level: 'info' },
  running: { text: 'The worker is running.', level: 'clear' },
  paused: { text: 'The worker is paused. It takes no new job.', level: 'warning' },
  draining: { text: 'The worker ends after the jobs it has.', level: 'info' },
  restarting: { text: 'The worker ended and is being started again.', level: 'warning' },
  blocked: { text: 'The worker cannot start.', level: 'critical' },
}

export function selectWorker(state: LiveState, nowMs: number): WorkerModel | null {
  const { snapshot } = state
  if (snapshot === null) return null
  const now = coreNow(state, nowMs)
  const local = snapshot.systems.find(({ kind }) => kind === 'local')
  const { worker } = snapshot.host
  const { text, level } = headlines[worker.state]
  const workers = local === undefined ? null : shown(local.workers, now)
  const read = local === undefined ? snapshot.at : readAt(local.workers)
  return {
    present: local !== undefined,
    system: local?.id ?? 'local',
    process: worker,
    headline: state.link.state === 'lost' ? `Last known: ${text}` : text,
    level: state.link.state === 'lost' ? 'unknown' : level,
    because: worker.because,
    workers: { value: workers?.value?.map((one) => workerLine(one, read, now)) ?? null, lost: workers?.lost ?? null },
    running: local === undefined ? [] : selectRunning(state, nowMs, local.id),
    slots: slotsSentence(local === undefined ? null : lastValue(local.workers)),
    host: snapshot.host,
  }
}

function slotsSentence(workers: readonly Worker[] | null): string {
  if (workers === null) return 'The workers have not been read yet.'
  const live = workers.filter(({ state }) => state !== 'lost' && state !== 'unknown')
  if (live.length === 0) return 'No worker, no slots: nothing is processed.'
  return live.every(({ state }) => state === 'paused') ? 'Every slot is free, and kept free.' : 'Every slot is free.'
}

function workerLine(worker: Worker, read: string, now: number): WorkerLine {
  const beat = grown(worker.beatAgeMs, read, now)
  return {
    id: worker.id,
    name: worker.name,
    state: workerStates[worker.state].word,
    level: workerStates[worker.state].level,
    slots: `${worker.busy} of ${worker.slots}`,
    threads: worker.threads === null ? '–' : String(worker.threads),
    model: worker.model === null ? '–' : fileName(worker.model),
    speed: worker.speed === null ? '–' : speed(worker.speed),
    heartbeat: beat === null ? '–' : ago(beat),
    started: worker.startedAt === null ? '–' : when(time(worker.startedAt), now),
  }
}

export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}

export interface ModelRow {
  readonly name: string
  /** What selecting it sends; null while it is not here. */
  readonly file: string | null
  readonly size: string
  readonly memory: string
  readonly state: 'used' | 'here' | 'away' | 'coming' | 'broken'
  readonly share: number | null
  readonly note: string
}

const places: Readonly<Record<ModelRow['state'], number>> = { used: 0, coming: 1, broken: 1, here: 2, away: 3 }

/** What is used first, then what is on its way and here, then the rest of the catalogue in its own order. */
export function modelRows(catalogue: readonly CatalogModel[], host: LocalHost): ModelRow[] {
  const known = new Set(catalogue.map(({ fileName }) => fileName))
  const own = host.models.filter(({ name, path }) => !known.has(name) && !known.has(fileName(path)))
  const rows = [...own.map((file) => ownRow(file, host)), ...catalogue.map((model) => catalogueRow(model, host))]
  return rows.toSorted((a, b) => places[a.state] - places[b.state])
}

function catalogueRow(model: CatalogModel, { download, models, model: used }: LocalHost): ModelRow {
  const here = model.present || models.some(({ name }) => name === model.fileName)
  const mine = download?.name === model.name ? download : null
  const inUse = model.selected || used === model.fileName
  const base = {
    name: model.name,
    file: here ? model.fileName : null,
    size: bytes(model.bytes),
    memory: model.memoryBytes === null ? '–' : bytes(model.memoryBytes),
    share: null,
  }
  if (mine !== null && mine.failure !== null) return { ...base, state: 'broken', note: mine.failure.because }
  if (mine !== null) {
    const whole = mine.totalBytes ?? model.bytes
    const share = percent(mine.doneBytes, whole)
    return { ...base, state: 'coming', share, note: `${bytes(mine.doneBytes)} of ${bytes(whole)}` }
  }
  if (here) return { ...base, state: inUse ? 'used' : 'here', note: inUse ? 'in use' : 'here' }
  // The one that most people start with: half an hour of audio in a few minutes on a laptop.
  return { ...base, state: 'away', note: used === null && model.name === 'small' ? 'a good first one' : '' }
}

function ownRow(file: ModelFile, { model }: LocalHost): ModelRow {
  const used = model === file.name || model === file.path
  const base = { name: file.name, file: file.name, size: bytes(file.bytes), memory: '–', share: null }
  return { ...base, state: used ? 'used' : 'here', note: used ? 'in use' : 'imported' }
}
