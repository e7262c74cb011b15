// What runs now, with the columns that its kind of job has.
import type { RunningJob } from '../contract/job.ts'
import type { SystemSnapshot } from '../contract/snapshot.ts'
import { ago, columns, count, duration } from './columns.ts'

export function runningTable(kind: SystemSnapshot['kind'], jobs: readonly RunningJob[]): string {
  switch (kind) {
    case 'crawl':
      return columns(
        ['running', 'for', 'task', 'children'],
        jobs.map((run) => [run.title, duration(run.elapsedMs), run.task ?? 'none', childrenText(run)]),
      )
    case 'qc':
      return columns(
        ['running', 'progress', 'stands still', 'for', 'last error'],
        jobs.map(({ title, progress, elapsedMs }) => [
          ...[title, progress?.percent == null ? null : `${progress.percent} %`],
          ...[duration(progress?.movedAgeMs ?? null), duration(elapsedMs), progress?.step ?? ''],
        ]),
      )
    case 'recordings':
    case 'local':
      return columns(
        ['running', 'phase', 'done of', 'audio', 'speed', 'ready in', 'last heartbeat'],
        jobs.map((job) => [
          job.title,
          job.phase,
          duration(job.progress?.audioDoneMs ?? null),
          duration(job.progress?.audioTotalMs ?? job.audioMs),
          job.progress?.speed == null ? null : `${job.progress.speed.toFixed(2)} ×`,
          duration(job.progress?.etaMs ?? null),
          ago(job.heartbeatAgeMs),
        ]),
      )
  }
}

/** Of one running job of any kind, in a few words: a run has a task, a QC job a percent, a recording a heartbeat. */
export function runningNote(job: RunningJob): string {
  const since = job.elapsedMs === null ? 'since an unknown time' : `for ${duration(job.elapsedMs)}`
  if (job.children !== undefined) {
    const own = job.task == null ? 'no task' : `task ${job.task}`
    return job.children === null ? `${since}, ${own}` : `${since}, ${childrenText(job)}`
  }
  if (job.progress?.stuck != null) {
    const { percent, movedAgeMs, step } = job.progress
    const still = movedAgeMs === null ? '' : `, last moved ${ago(movedAgeMs)}`
    return `${percent == null ? 'progress unknown' : `${percent} %`}${still}${step == null ? '' : `: ${step}`}`
  }
  return `${job.phase}, heartbeat ${ago(job.heartbeatAgeMs) ?? 'unknown'}`
}

function childrenText({ children }: RunningJob): string {
  if (children == null) return ''
  if (children.total === 0) return 'no child yet'
  return `${count(children.total, 'child', 'children')}, ${children.active} active, ${children.failed} failed`
}
