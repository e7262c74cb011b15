// What setting up a system answers: parts that work, are limited or fail, found projects, mappings of another table.
import type { Discovery, MappingProposal, PartCheck } from '../../electron/contract/connecting.ts'
import { Settings, SystemSettings } from '../../electron/contract/settings.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { Connecting } from '../../electron/core/api.ts'

const MASK = '••••••'
const masked = (url: string) => url.replace(/(:\/\/[^:/@]*):[^@]*@/, `$1:${MASK}@`)

export const calls = SystemSettings.parse({
  id: 'calls',
  kind: 'recordings',
  database: `postgresql://app:${MASK}@127.0.0.1:5432/app`,
  broker: 'redis://127.0.0.1:6379/0',
  api: 'http://127.0.0.1:8000',
  stack: { project: 'app' },
  envFile: 'C:\\app\\.env',
})
export const configured = () =>
  Settings.parse({
    systems: [calls, { id: 'qc', kind: 'qc', url: 'http://qc:8000', token: MASK }, { id: 'local', kind: 'local' }],
  })

const check = (part: PartCheck['part'], state: PartCheck['state'], sentence: string): PartCheck => ({
  part,
  state,
  sentence,
})

function checksOf(draft: SystemSettings): PartCheck[] {
  if (draft.kind === 'local') return []
  if (draft.kind === 'qc') return [check('api', 'ok', 'QC answers: 540 jobs done, 2 in progress.')]
  const wrong = draft.database.includes('wrong')
  const absent = 'Not configured; nothing of it is shown.'
  return [
    wrong
      ? check('database', 'failed', 'The password for app was refused. Check it, or the user’s name.')
      : check('database', 'ok', 'Postgres 16.2 answers after 4 ms.'),
    wrong
      ? check('table', 'failed', 'Not looked at, because the database cannot be read.')
      : check(
          'table',
          'limited',
          'recordings has 1,090 rows. This role may read but not write: actions on jobs stay disabled.',
        ),
    draft.broker === undefined
      ? check('broker', 'absent', absent)
      : check('broker', 'ok', 'Redis 7.2 answers; 1 worker, queue celery with 93 messages.'),
    check('results', 'ok', 'The broker’s own Redis holds 247 results.'),
    draft.kind === 'recordings' && draft.api !== undefined
      ? check('api', 'failed', 'HTTP 502 from http://127.0.0.1:8000/queue/status. Start the api service.')
      : check('api', 'absent', absent),
    check(
      'stack',
      draft.stack === undefined ? 'absent' : 'ok',
      draft.stack === undefined ? absent : 'Project app: 5 services on Docker 27.3.',
    ),
    draft.kind === 'recordings' && draft.envFile !== undefined
      ? check('envFile', 'ok', `${draft.envFile} has 12 keys.`)
      : check('envFile', 'absent', absent),
  ]
}

const proposals: readonly MappingProposal[] = [
  {
    table: RecordingsTable.parse({
      table: 'call_recordings',
      columns: { title: 'filename', duration: 'length_s', heartbeat: 'modified', error: null },
      words: { queued: ['Pending'], running: ['PROCESSING'], done: ['done'], failed: ['failed'], skipped: ['skipped'] },
      timeZone: 'Europe/Berlin',
    }),
    rows: 1090,
    fit: 0.92,
    reasons: [
      'status: 4 words seen: Pending, PROCESSING, done, failed',
      'modified: changed by a trigger, newest 40 s ago, so it is the heartbeat',
      'timestamps have no time zone; the newest fits Europe/Berlin',
    ],
    unknownWords: ['archived'],
  },
  { table: RecordingsTable.parse({}), rows: 12, fit: 0.41, reasons: ['status: 1 word seen: queued'], unknownWords: [] },
]

const found: readonly Discovery[] = [
  {
    project: 'app',
    sentence: '5 services in C:\\app: postgres, redis, api, worker, beat.',
    proposal: SystemSettings.parse({ ...calls, id: 'app' }),
    missing: [],
  },
  {
    project: 'monitoring',
    sentence: '2 services in /srv/monitoring: grafana, prometheus.',
    proposal: null,
    missing: ['No service of it is a Celery worker.'],
  },
]

export function fixtureConnecting(settings: () => Settings, keep: (settings: Settings) => void): Connecting {
  return {
    discover: async () => [...found],
    test: async (draft) => checksOf(draft),
    mapping: async () => [...proposals],
    runsMapping: async () => [],
    save: async (system, replaces) => {
      const kept = JSON.parse(masked(JSON.stringify(system))) as unknown
      const others = settings().systems.filter(({ id }) => id !== (replaces ?? system.id))
      keep(Settings.parse({ ...settings(), systems: [...others, kept] }))
      return settings()
    },
    remove: async (id) => {
      keep(Settings.parse({ ...settings(), systems: settings().systems.filter((one) => one.id !== id) }))
      return settings()
    },
  }
}
