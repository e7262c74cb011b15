// Lines of the tray's menu: what runs and when it ends, and what is asked for most, each through its preview.
import type { RunningJob } from '../contract/job.ts'
import type { Reading, Snapshot, SystemSnapshot } from '../contract/snapshot.ts'
import { type Address, jobAddress, previewAddress } from './address.ts'

interface Line {
  readonly label: string
  readonly opens: Address
}

const RUNNING = 3
/** A menu is no list: of each kind the largest two. */
const EACH = 2
const TITLE = 40

function now<T>(reading: Reading<T> | null): T | null {
  return reading?.status === 'known' ? reading.value : null
}

export function runningLines(snapshot: Snapshot): Line[] {
  const at = (reading: Reading<unknown>) => (reading.status === 'known' ? Date.parse(reading.at) : 0)
  const jobs = snapshot.systems.flatMap(({ running }) =>
    (now(running) ?? []).map((job) => ({ job, readMs: at(running) })),
  )
  const longest = jobs.toSorted((a, b) => (b.job.elapsedMs ?? 0) - (a.job.elapsedMs ?? 0)).slice(0, RUNNING)
  return longest.map(({ job, readMs }) => ({
    label: [cut(job.title), ...percent(job), ...ends(job, readMs)].join(' · '),
    opens: jobAddress(job.system, job.id),
  }))
}

function percent({ progress }: RunningJob): string[] {
  if (progress === null) return []
  const { percent, audioDoneMs, audioTotalMs } = progress
  if (percent != null) return [`${Math.floor(percent)} %`]
  return audioDoneMs === null || !audioTotalMs ? [] : [`${Math.floor((100 * audioDoneMs) / audioTotalMs)} %`]
}

function ends({ progress }: RunningJob, readMs: number): string[] {
  if (progress?.etaMs == null) return []
  const end = new Date(readMs + progress.etaMs)
  const two = (n: number) => String(n).padStart(2, '0')
  return [`ends ${two(end.getHours())}:${two(end.getMinutes())}`]
}

export function actionLines({ systems, host }: Snapshot): Line[] {
  return [...systems.flatMap(retries).slice(0, EACH), ...purges(systems), ...workerLine(systems, host.worker.state)]
}

function retries({ id, counts }: SystemSnapshot): Line[] {
  const failed = now(counts)?.failed ?? 0
  if (failed === 0) return []
  const label = `Retry ${failed} failed ${failed === 1 ? 'job' : 'jobs'} in ${id}`
  return [{ label: `${label}…`, opens: previewAddress(id, { action: 'retry-jobs', label, ids: null, params: {} }) }]
}

function purges(systems: readonly SystemSnapshot[]): Line[] {
  const queues = systems.flatMap(({ id, queues }) => (now(queues) ?? []).map((queue) => ({ ...queue, system: id })))
  const full = queues.filter(({ messages }) => messages > 0).toSorted((a, b) => b.messages - a.messages)
  return full.slice(0, EACH).map(({ system, name, messages }) => {
    const label = `Purge queue ${name}`
    const opens = previewAddress(system, { action: 'purge-queue', label, ids: null, params: { queue: name } })
    return { label: `${label} in ${system}… (${messages})`, opens }
  })
}

function workerLine(systems: readonly SystemSnapshot[], state: Snapshot['host']['worker']['state']): Line[] {
  if (!systems.some(({ kind }) => kind === 'local')) return []
  const runs = state === 'running' || state === 'starting' || state === 'restarting'
  const action = runs ? 'pause-worker' : 'start-worker'
  const label = runs ? 'Pause the local worker' : 'Start the local worker'
  return [{ label: `${label}…`, opens: previewAddress('local', { action, label, ids: null, params: {} }) }]
}

function cut(title: string): string {
  return title.length > TITLE ? `${title.slice(0, TITLE - 1)}…` : title
}
