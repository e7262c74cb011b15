// The systems of the settings as ports: each kind's adapter, connected on first use.
import { postgresJobs } from '../adapters/postgres/postgres-jobs.ts'
import { assertNever } from '../contract/failure.ts'
import type { Settings, SystemSettings } from '../contract/settings.ts'
import { RecordingsTable } from '../contract/worker-protocol.ts'
import type { JobSystem } from '../core/ports/jobs.ts'
import type { System } from '../core/ports/system.ts'
import { crawlSystem } from './crawl-system.ts'
import type { SecretsMet } from './known-secrets.ts'
import type { LocalDatabase } from './local-database.ts'
import { maskedSystem } from './masked-system.ts'
import { openQc } from './qc-system.ts'
import { recordingsSystem } from './recordings-system.ts'

export interface SystemParts {
  readonly dataDir: string
  readonly settings: () => Settings
  readonly database: LocalDatabase
  readonly onProblem: (system: string, error: unknown) => void
  /** Learns what .env files and containers hold; errors and logs are masked by it. */
  readonly secrets: SecretsMet
}

export interface Systems {
  /** As the settings list them now; one whose settings did not change stays the same object. */
  all(): readonly System[]
  /** After the settings changed: what is new is made, what is gone or different is closed. */
  reconcile(): void
  /** Ends what the systems and their connections hold; the embedded database is not theirs. */
  close(): Promise<void>
}

/** `local` alone when the settings name no system (DESIGN §8). */
export function systems(parts: SystemParts): Systems {
  let made: readonly { text: string; system: System }[] = []
  const closing = new Set<Promise<void>>()

  function end(system: System): void {
    const ended = system.close().catch((error: unknown) => parts.onProblem(system.id, error))
    closing.add(ended)
    void ended.then(() => closing.delete(ended))
  }

  function reconcile(): void {
    const listed = parts.settings().systems
    const wanted: readonly SystemSettings[] = listed.length === 0 ? [{ id: 'local', kind: 'local' }] : listed
    const next = wanted.map((one) => {
      const text = JSON.stringify(one)
      return (
        made.find((old) => old.text === text) ?? { text, system: maskedSystem(makeSystem(one, parts), parts.secrets) }
      )
    })
    for (const old of made) if (!next.includes(old)) end(old.system)
    made = next
  }

  reconcile()
  return {
    all: () => made.map(({ system }) => system),
    reconcile,
    async close() {
      for (const { system } of made) end(system)
      made = []
      await Promise.all(closing)
    },
  }
}

function makeSystem(settings: SystemSettings, parts: SystemParts): System {
  const heartbeatLimitMs = () => parts.settings().heartbeatLimitMinutes * 60_000
  switch (settings.kind) {
    case 'local': {
      const jobs = postgresJobs({
        id: settings.id,
        kind: 'local',
        table: RecordingsTable.parse({}),
        pool: () => parts.database.pool(),
        canAdd: true,
        heartbeatLimitMs,
        taskTimeoutMs: () => timeoutMs(parts.settings()),
        maxRetries: () => parts.settings().worker.maxRetries,
      })
      return alone(jobs)
    }
    case 'recordings':
      return recordingsSystem(settings, { ...parts, heartbeatLimitMs })
    case 'crawl':
      return crawlSystem(settings, { ...parts, heartbeatLimitMs })
    case 'qc':
      return openQc(settings, parts.dataDir)
    default:
      return assertNever(settings)
  }
}

/** Jobs with nothing beside them. */
function alone(jobs: JobSystem): System {
  const { id, kind } = jobs
  return {
    id,
    kind,
    jobs,
    broker: null,
    stack: null,
    env: null,
    api: null,
    dependencies: null,
    recovery: null,
    close: () => jobs.close(),
  }
}

function timeoutMs({ worker }: Settings): number | null {
  return worker.taskTimeoutSeconds === null ? null : worker.taskTimeoutSeconds * 1000
}
