// An in-memory Api for tests of links and shells: scripted values, and a record of who called what.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Preview, Receipt } from '../../electron/contract/action.ts'
import type { Alert } from '../../electron/contract/alert.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import type { HostInfo } from '../../electron/contract/host.ts'
import type { JobDetail, QueuedJob } from '../../electron/contract/job.ts'
import { Settings } from '../../electron/contract/settings.ts'
import type { LiveEvent, Snapshot } from '../../electron/contract/snapshot.ts'
import type { Api, Caller, Connecting, Core, Machine } from '../../electron/core/api.ts'
import type { ServerLog } from '../../electron/server/server-log.ts'
import { limitsOf, reconciliationOf } from '../renderer/fixture-proof.ts'
import { fakeArchive } from './fake-archive.ts'
import { fakeAutomations } from './fake-automations.ts'
import { type FakeFindings, fakeFindings } from './fake-findings.ts'
import { fakeSamples } from './fake-samples.ts'
import { counts, known, NOW, snapshot, system } from './snapshot-builders.ts'

export const FINGERPRINT = 'f-1'

export interface FakeApi extends Api {
  /** Live streams begun and ended so far. */
  readonly streams: { open: number; closed: number }
  /** Who executed and undid, in order. */
  readonly callers: Caller[]
  readonly settings: Settings
  /** Files the player may have, by job id. */
  readonly media: Map<string, string>
  /** The next call of this kind throws it. */
  readonly trouble: Map<'snapshot' | 'page' | 'live' | 'uploadPath' | 'mediaPath', unknown>
  /** Sends the next change to every live stream. */
  publish(findings: Finding[], queued?: number, alerts?: Alert[]): void
  /** What was said to findings, in order. */
  readonly said: FakeFindings['said']
  /** Ends every live stream with an error. */
  breakStreams(error: unknown): void
}

export const missing = (on: string) =>
  new FailureError({
    kind: 'missing',
    tried: 'Read the job',
    on,
    because: 'there is no such job',
    remedy: 'Look for it in the list.',
  })

export function fakeApi(recordings: string): FakeApi {
  const streams = { open: 0, closed: 0 }
  const callers: Caller[] = []
  const media = new Map<string, string>()
  const trouble: FakeApi['trouble'] = new Map()
  const readers = new Set<(event: LiveEvent | { error: unknown }) => void>()
  let settings = Settings.parse({})
  let now: Snapshot = snapshot({
    systems: [system({ id: 'local', kind: 'local', counts: known(counts({ queued: 2 })) })],
  })
  let uploads = 0

  function stumble(where: Parameters<typeof trouble.get>[0]): void {
    if (!trouble.has(where)) return
    const thrown = trouble.get(where)
    trouble.delete(where)
    throw thrown
  }

  async function* watch(signal: AbortSignal): AsyncGenerator<LiveEvent, void, void> {
    stumble('live')
    const waiting: (LiveEvent | { error: unknown })[] = []
    let wake: () => void = () => undefined
    const hear = (event: LiveEvent | { error: unknown }) => {
      waiting.push(event)
      wake()
    }
    streams.open++
    readers.add(hear)
    signal.addEventListener('abort', () => wake())
    try {
      yield { kind: 'snapshot', snapshot: now }
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if ('error' in next) throw next.error
        else yield next
      }
    } finally {
      readers.delete(hear)
      streams.closed++
    }
  }

  const { said, ...verbs } = fakeFindings(() => now.findings)
  const core: Core = {
    ...verbs,
    start: () => undefined,
    settle: async () => undefined,
    stop: async () => undefined,
    read: async () => {
      stumble('snapshot')
      return now
    },
    latest: () => now,
    watch,
    page: async (query) => {
      stumble('page')
      return { jobs: [job(query.system, '1'), job(query.system, '2')].slice(0, query.limit), cursor: null }
    },
    detail: async (ref) => {
      if (ref.id !== '1') throw missing(ref.id)
      return detail(ref.system)
    },
    transcript: async ({ from, limit }) => ({
      segments: Array.from({ length: Math.min(3, limit) }, (_, n) => ({
        startMs: n + from,
        endMs: n + from + 1,
        text: ' a',
      })),
      next: null,
    }),
    export: async ({ format }) => ({ fileName: `call.${format}`, mimeType: 'text/plain', text: 'Grüße' }),
    mediaPath: async ({ id }) => {
      stumble('mediaPath')
      return media.get(id) ?? null
    },
    ledgers: async () => null,
    runTree: async () => ({ nodes: [], more: false }),
    limits: async (id) => limitsOf(id),
    reconcile: async (id) => reconciliationOf(id),
    messages: async () => ({ messages: [], cursor: null }),
    queueJobs: async () => ({ jobs: [], different: 0 }),
    results: async () => ({ results: [], cursor: null }),
    quarantines: async () => [],
    serviceLogs: async () => ({ lines: [], cursor: '' }),
    reveal: async (id) => Promise.reject(missing(id)),
    env: async (id) => Promise.reject(missing(id)),
    add: async (_system, paths) => ({
      added: paths.map((path, n) => ({ id: String(n), title: path, path })),
      duplicates: [],
      refused: [],
    }),
    actions: async () => [{ id: 'retry-jobs', title: 'Retry jobs', target: 'jobs', risk: 'safe', blocked: null }],
    preview: async (request) => preview(request.system),
    execute: async (request, fingerprint, caller) => {
      if (fingerprint !== FINGERPRINT)
        throw new FailureError({
          kind: 'stale',
          tried: 'Retry jobs',
          on: request.system,
          because: 'the jobs changed since the preview',
          remedy: 'Look at the new preview.',
        })
      callers.push(caller)
      return receipt(caller.actor)
    },
    receipts: () => [receipt('somebody')],
    undo: async (_id, caller) => {
      callers.push(caller)
      return receipt(caller.actor)
    },
  }

  const machine: Machine = {
    workerLog: (cursor) => ({ lines: [{ n: cursor + 1, at: NOW, level: 'info', text: 'ready' }], cursor: cursor + 1 }),
    models: () => [],
    downloadModel: () => true,
    cancelDownload: () => false,
    importModel: async (path) => ({ ok: true, path, sentence: 'Imported.' }),
    selectModel: async (path) => ({ ok: true, path, sentence: 'Selected.' }),
    settings: () => settings,
    updateSettings: async ({ theme }) => {
      settings = { ...settings, theme: theme ?? settings.theme }
      return settings
    },
    info: () => info(recordings),
    doctor: async () => [{ id: 'node', title: 'Node', state: 'ok', sentence: 'Node 24 is here.' }],
    buildEngine: () => true,
    uploadPath: async (name) => {
      stumble('uploadPath')
      const folder = join(recordings, String(uploads++))
      mkdirSync(folder, { recursive: true })
      return join(folder, name)
    },
  }

  const connecting: Connecting = {
    discover: async () => [],
    test: async () => [{ part: 'database', state: 'ok', sentence: 'Postgres 18 answers.' }],
    mapping: async () => [],
    runsMapping: async () => [],
    save: async () => settings,
    remove: async () => settings,
  }

  return {
    core,
    machine,
    connecting,
    automations: fakeAutomations(),
    samples: fakeSamples(),
    archive: fakeArchive(),
    streams,
    callers,
    media,
    trouble,
    get settings() {
      return settings
    },
    said,
    publish(findings, queued = 2, alerts = []) {
      const systems = [system({ id: 'local', kind: 'local', counts: known(counts({ queued })) })]
      const sequence = now.sequence + 1
      now = { ...now, sequence, findings, systems, alerts }
      const [{ counts: changed }] = systems as [(typeof systems)[0]]
      const changes = {
        added: [],
        changed: [{ id: 'local', fields: { counts: changed } }],
        removed: [],
        order: null,
        host: null,
        findings,
        alerts,
      }
      for (const hear of readers) hear({ kind: 'changed', sequence, at: NOW, changes })
    },
    breakStreams(error) {
      for (const hear of readers) hear({ error })
    },
  }
}

function job(systemId: string, id: string): QueuedJob {
  return {
    system: systemId,
    id,
    title: `call ${id}.m4a`,
    audioMs: 60_000,
    retryCount: 0,
    createdAt: NOW,
    state: 'queued',
    waitingMs: 1000,
  }
}

function detail(systemId: string): JobDetail {
  return { job: job(systemId, '1'), attempts: [], facts: [], segmentCount: 0, playable: true }
}

function preview(systemId: string): Preview {
  return {
    action: 'retry-jobs',
    system: systemId,
    title: 'Retry 1 job',
    summary: 'One job goes back to the queue.',
    count: 1,
    sample: [],
    notTouched: [],
    know: [],
    table: null,
    diff: null,
    command: null,
    risk: 'safe',
    undoable: true,
    undo: 'Puts it back.',
    confirm: 'Retry 1 job',
    fingerprint: FINGERPRINT,
  }
}

function receipt(actor: string): Receipt {
  return {
    id: 'r1',
    action: 'retry-jobs',
    system: 'local',
    title: 'Retried 1 job',
    summary: '',
    at: NOW,
    actor,
    count: 1,
    previewed: 1,
    left: [],
    undoable: true,
    watch: null,
    undone: null,
  }
}

function info(dataDir: string): HostInfo {
  return {
    version: '0.1.0',
    dataDir,
    platform: 'linux-x64',
    cores: 2,
    memoryBytes: 1,
    freeMemoryBytes: 1,
    user: 'somebody',
    host: 'terminal',
    startedAt: NOW,
    notices: [],
  }
}

/** A critical finding as the rules make them. */
export function criticalFinding(part: Partial<Finding> = {}): Finding {
  return {
    key: 'no-worker local',
    rule: 'no-worker',
    severity: 'critical',
    system: 'local',
    headline: 'No worker runs. 2 jobs wait.',
    explanation: 'Nothing will be transcribed until a worker is started.',
    since: NOW,
    evidence: [],
    notTheCause: [],
    remedies: [{ action: 'start-worker', label: 'Start the worker', ids: null, params: {}, effect: null }],
    places: [],
    ...part,
  }
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly where: string
  readonly message: string
  readonly details: unknown
}

/** A log that remembers. */
export function memoryLog(): ServerLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (level: LogLine['level']) => (where: string, message: string, details?: unknown) =>
    void lines.push({ level, where, message, details })
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}
