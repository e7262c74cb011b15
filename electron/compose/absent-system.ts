// A configured system whose adapter this version does not have: every read says so, nothing pretends to be empty.
import { FailureError } from '../contract/failure.ts'
import type { SystemKind } from '../contract/job.ts'
import type { Abilities, Can, JobSystem } from '../core/ports.ts'

const names: Readonly<Record<SystemKind, string>> = {
  local: 'local',
  recordings: 'recordings',
  crawl: 'crawl runs',
  qc: 'QC jobs',
}

export function absentSystem(id: string, kind: SystemKind): JobSystem {
  const because = `this version of Unjam cannot read ${names[kind]} yet`
  const no: Can = { can: false, because: `${because[0]?.toUpperCase()}${because.slice(1)}.` }
  const abilities: Abilities = {
    add: no,
    retry: no,
    skip: no,
    fail: no,
    release: no,
    cancel: no,
    remove: no,
    'take-over': no,
    finalize: no,
    attempts: no,
    transcript: no,
  }
  const refuse = async (): Promise<never> => {
    throw new FailureError({
      kind: 'unsupported',
      tried: 'Read the system',
      on: id,
      because,
      remedy: 'Keep its settings: a later version will use them as they are.',
    })
  }
  return {
    id,
    kind,
    abilities: async () => abilities,
    counts: refuse,
    running: refuse,
    workers: refuse,
    throughput: refuse,
    recentAttempts: refuse,
    limits: refuse,
    page: refuse,
    detail: refuse,
    attempts: refuse,
    segments: refuse,
    mediaPath: refuse,
    rows: refuse,
    write: refuse,
    restore: refuse,
    add: refuse,
    close: async () => undefined,
  }
}
