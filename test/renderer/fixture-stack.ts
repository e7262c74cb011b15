// The compose stack of the runbooks: services, logs and C:\app\.env, well and unwell.
import type {
  EnvEntry,
  EnvState,
  EnvView,
  Service,
  ServiceLogLine,
  ServiceLogPage,
  ServiceLogQuery,
  StackInfo,
} from '../../electron/contract/service.ts'
import { BASE, HOUR, iso, MINUTE, type Scenario } from './fixture-time.ts'

export const stackInfo: StackInfo = {
  project: 'app',
  workingDir: 'C:\\app',
  configFiles: ['C:\\app\\docker-compose.yml'],
  envFile: 'C:\\app\\.env',
  filesHere: true,
  engine: {
    endpoint: 'npipe:////./pipe/docker_engine',
    version: '27.3.1',
    apiVersion: '1.47',
    os: 'linux',
    product: null,
    memoryBytes: null,
  },
  compose: '2.29.7',
}

const service = (name: string, fields: Partial<Service> = {}): Service => ({
  id: `${name}0123456789ab`.slice(0, 12),
  service: name,
  container: `app-${name}-1`,
  number: 1,
  image: `app-${name}:latest`,
  state: 'running',
  health: 'healthy',
  healthOutput: null,
  restarts: 0,
  exitCode: null,
  outOfMemory: false,
  startedAt: iso(BASE - 31 * HOUR),
  endedAt: null,
  cpuPercent: 0.4,
  memoryBytes: 48e6,
  memoryLimitBytes: 16.6e9,
  stopGraceMs: 10_000,
  ports: [],
  shell: `docker exec -it app-${name}-1 sh`,
  ...fields,
})

export function servicesOf(scenario: Scenario): Service[] {
  const base = [
    service('postgres', { image: 'postgres:16', memoryBytes: 214e6, ports: ['127.0.0.1:5432 → 5432/tcp'] }),
    service('redis', { image: 'redis:7-alpine', memoryBytes: 11e6, ports: ['127.0.0.1:6379 → 6379/tcp'] }),
    service('api', { cpuPercent: 1.2, memoryBytes: 96e6, ports: ['0.0.0.0:8000 → 8000/tcp'] }),
    service('beat', { health: null, memoryBytes: 61e6 }),
  ]
  if (scenario !== 'storm')
    return [
      ...base,
      service('worker', { health: null, cpuPercent: 792, memoryBytes: 2.9e9, startedAt: iso(BASE - 9 * HOUR) }),
    ]
  return [
    ...base.slice(0, 2),
    service('api', {
      health: 'unhealthy',
      healthOutput: 'curl: (7) Failed to connect to localhost port 8000 after 0 ms: Connection refused',
      cpuPercent: null,
      ports: ['0.0.0.0:8000 → 8000/tcp'],
    }),
    service('beat', { state: 'restarting', health: null, restarts: 14, exitCode: 1, startedAt: iso(BASE - 4000) }),
    service('worker', { health: null, cpuPercent: 792, memoryBytes: 15.9e9, restarts: 3 }),
    service('worker', {
      id: 'worker2abcde',
      container: 'app-worker-2',
      number: 2,
      state: 'exited',
      health: null,
      exitCode: 137,
      outOfMemory: true,
      endedAt: iso(BASE - 12 * MINUTE),
      cpuPercent: null,
      memoryBytes: null,
      shell: 'docker exec -it app-worker-2 sh',
    }),
    service('flower', { state: 'created', health: null, startedAt: null, cpuPercent: null, memoryBytes: null }),
  ]
}

const entry = (key: string, value: string | null, fields: Partial<EnvEntry> = {}): EnvEntry => ({
  key,
  value,
  secret: false,
  meaning: null,
  unit: null,
  services: ['worker'],
  running: [{ service: 'worker', value }],
  unapplied: false,
  ...fields,
})

/** Runbook 1: the file says 7200, but the worker was only restarted and still has 1800. */
export function envOf(scenario: Scenario): EnvState {
  const drift = scenario === 'storm'
  return {
    path: 'C:\\app\\.env',
    entries: [
      entry('TASK_TIMEOUT_SECONDS', drift ? '7200' : '1800', {
        meaning: 'Longest time one attempt may take; unset is no limit',
        unit: 'seconds',
        running: [{ service: 'worker', value: '1800' }],
        unapplied: drift,
      }),
      entry('WORKER_CONCURRENCY', '1', { meaning: 'Recordings one worker transcribes at the same time', unit: 'jobs' }),
      entry('TASK_MAX_RETRIES', '3', {
        meaning: 'Attempts after the first before a recording is failed',
        unit: 'retries',
      }),
      entry('MAX_DURATION_MINUTES', null, {
        meaning: 'Longer recordings are skipped; unset is no limit',
        unit: 'minutes',
        running: [{ service: 'worker', value: null }],
      }),
      entry('POSTGRES_PASSWORD', '••••••', {
        secret: true,
        meaning: 'Password of the database',
        services: ['postgres', 'api', 'worker', 'beat'],
        running: [
          { service: 'postgres', value: '••••••' },
          { service: 'api', value: '••••••' },
        ],
      }),
      entry('SITE_NAME', 'calls', { services: null, running: [] }),
    ],
  }
}

export function envViewOf(scenario: Scenario): EnvView {
  const { path, entries } = envOf(scenario)
  const text = [
    '# Transcription stack. See docs/windows-access-and-debugging.md',
    'POSTGRES_PASSWORD=••••••',
    'DATABASE_URL=postgresql://app:••••••@postgres:5432/app',
    'REDIS_URL=redis://redis:6379/0',
    '',
    '# Longest time one attempt may take',
    `TASK_TIMEOUT_SECONDS=${entries[0]?.value}`,
    'TASK_MAX_RETRIES=3',
    'WORKER_CONCURRENCY=1',
    '#MAX_DURATION_MINUTES=60',
    'SITE_NAME="calls"   # shown in the page title',
    'SITE_NAME=calls',
    '',
  ].join('\r\n')
  return {
    path,
    entries,
    text,
    hash: 'h-1',
    lineEnding: 'CRLF',
    bom: false,
    warnings: ['SITE_NAME stands in lines 11 and 12; the last one counts.'],
  }
}

const said: readonly [ServiceLogLine['level'], string][] = [
  ['info', '[2026-02-05 16:43:08,120: INFO/MainProcess] Task app.worker.tasks.process_recording[9f1c77d2] received'],
  ['info', 'Started Call recording 5454_210513_095857.m4a, duration 01:03:00'],
  ['info', 'Transcribing audio…'],
  ['info', 'Processing audio with duration 01:03:00.882'],
  ['info', 'Heartbeat: recordings.updated_at of e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29 set'],
  ['warn', 'WARNING: 4 of 8 threads are used by another process'],
]
const bad: readonly [ServiceLogLine['level'], string][] = [
  [
    'error',
    '[2026-02-05 19:12:11,004: ERROR/MainProcess] Task app.worker.tasks.process_recording[1b2c77d2] raised unexpected: TimeLimitExceeded(1800,)',
  ],
  ['error', 'Traceback (most recent call last):'],
  ['error', '  File "/app/app/worker/tasks.py", line 212, in process_recording'],
  ['error', 'billiard.exceptions.TimeLimitExceeded: TimeLimitExceeded(1800,)'],
]

/** The log grows by one line every two seconds. */
export function logsOf(scenario: Scenario, query: ServiceLogQuery, now: number): ServiceLogPage {
  const pool = scenario === 'storm' ? [...said, ...bad] : said
  const until = 240 + Math.floor((now - BASE) / 2000)
  const from = query.cursor == null ? Math.max(0, until - query.limit) : Number(query.cursor)
  const lines = Array.from({ length: Math.max(0, until - from) }, (_, n) => {
    const [level, text] = pool[(from + n) % pool.length] ?? ['info', '']
    return { at: iso(BASE - (240 - from - n) * 2000), container: `app-${query.service}-1`, level, text }
  })
  const wanted = query.search.toLowerCase()
  const since = query.since == null ? 0 : Date.parse(query.since)
  return {
    lines: lines
      .filter(({ text, at }) => text.toLowerCase().includes(wanted) && Date.parse(at) >= since)
      .slice(0, query.limit),
    cursor: String(until),
  }
}
