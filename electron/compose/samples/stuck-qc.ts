// Runbook 4: QC jobs stand still at 5, 17 and 62 percent, three together at 35; the services answer in both wire shapes.
import { randomUUID } from 'node:crypto'
import { type SampleQcJob, sampleQcJobs } from '../../adapters/sample-qc-jobs.ts'
import { type QcShape, sampleQcServer } from '../../adapters/sample-qc-server.ts'
import { sampleId } from '../../contract/sample.ts'
import { SystemSettings } from '../../contract/settings.ts'
import { openQc } from '../qc-system.ts'
import type { Incident, IncidentParts, Staged } from './incident.ts'

const MINUTE = 60_000

/** Times are minutes ago. */
function job(nowMs: number, file: string, part: Partial<SampleQcJob> & { stillMin: number }): SampleQcJob {
  const { stillMin, ...rest } = part
  return {
    ...{ id: randomUUID(), file, status: 'running', progress: 0, error: null, held: null, endedMs: null },
    ...{ createdMs: nowMs - (stillMin + 9) * MINUTE, startedMs: nowMs - (stillMin + 4) * MINUTE },
    ...{ movedMs: nowMs - stillMin * MINUTE, ...rest },
  }
}

const stages = (nowMs: number): SampleQcJob[] => [
  job(nowMs, 'Harbour interview 02.mov', {
    progress: 5,
    held: 'database',
    stillMin: 11,
    error: 'Supabase connection error: no connection in the pool',
  }),
  job(nowMs, 'Episode 14 rough cut.mp4', {
    progress: 17,
    held: 'drive',
    stillMin: 14,
    error: 'Google Drive access denied',
  }),
  job(nowMs, 'Night shoot reel B.mxf', { progress: 62, held: 'ffmpeg', stillMin: 9 }),
  job(nowMs, 'Trailer v7.mov', { status: 'queued', stillMin: 1 }),
  ...['Episode 12.mp4', 'Episode 13.mp4', 'Episode 11.mp4'].map((file, n) =>
    job(nowMs, file, {
      status: 'completed',
      progress: 100,
      stillMin: 40 + n * 25,
      endedMs: nowMs - (40 + n * 25) * MINUTE,
    }),
  ),
]

const together = (nowMs: number): SampleQcJob[] => [
  ...['Panel 1 master.mov', 'Panel 2 master.mov', 'Panel 3 master.mov'].map((file) =>
    job(nowMs, file, { progress: 35, held: 'memory', stillMin: 7 }),
  ),
  job(nowMs, 'Panel 4 master.mov', { status: 'queued', stillMin: 3 }),
]

export const stuckQc: Incident = {
  name: 'stuck-qc',
  title: 'QC jobs stand still in “running”',
  summary: 'Stuck at 5 %, 17 % and 62 %, three more together at 35 %, Google’s token expired, auto-recovery silent.',
  attempt: 'Retry, trigger the worker or cancel what is stuck: each percent has its own cause.',
  runbook: 4,
  async stage({ clock }: IncidentParts): Promise<Staged> {
    const { nowMs } = clock
    const one = await open('qc', 'runbook', stages(nowMs()), nowMs)
    const two = await open('masters', 'routes', together(nowMs()), nowMs)
    return {
      systems: [one.system, two.system],
      async tick() {
        one.tick()
        two.tick()
      },
      close: async () => void (await Promise.all([one.close(), two.close()])),
    }
  },
}

async function open(name: string, shape: QcShape, seed: readonly SampleQcJob[], nowMs: () => number) {
  const jobs = sampleQcJobs(seed, nowMs)
  const server = await sampleQcServer(shape, jobs, nowMs)
  const settings = SystemSettings.parse({ id: sampleId(name), kind: 'qc', url: server.url, token: server.token })
  if (settings.kind !== 'qc') throw new Error('a QC service was asked for')
  // Neither address nor token is a reference, so no data directory is looked into.
  return { system: openQc(settings, ''), tick: jobs.tick, close: server.close }
}
