// Composition root: settings → adapters → core; the only file that names every adapter.
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAutomations } from './adapters/automations-sqlite.ts'
import { systemClock } from './adapters/clock.ts'
import { composeFolder } from './adapters/docker/compose-up.ts'
import { createEngineStore } from './adapters/engine-build.ts'
import { sourceFolder } from './adapters/engine-folder.ts'
import { createFileFinder } from './adapters/file-finder.ts'
import { openFindings } from './adapters/findings-sqlite.ts'
import { openHistory } from './adapters/history-sqlite.ts'
import type { Log } from './adapters/log.ts'
import { createMachineRoom } from './adapters/machine-room.ts'
import { createModelStore } from './adapters/model-store.ts'
import { openSettings } from './adapters/settings-file.ts'
import { connecting } from './compose/connecting.ts'
import { createDataFolder, type DataFolder } from './compose/data-folder.ts'
import { discovering } from './compose/discovering.ts'
import { doctor } from './compose/doctor.ts'
import { keepHistory } from './compose/keep-history.ts'
import { type KeptWorker, keepWorker } from './compose/keep-worker.ts'
import { secretsMet } from './compose/known-secrets.ts'
import { type LocalDatabase, localDatabase } from './compose/local-database.ts'
import { createMachine } from './compose/machine.ts'
import { maskedCore } from './compose/masked-core.ts'
import { modelHub } from './compose/model-hub.ts'
import { createSamples } from './compose/samples/samples.ts'
import { serveBundle } from './compose/serve-bundle.ts'
import { stackMaker } from './compose/stack-maker.ts'
import { stackProbes } from './compose/stack-probes.ts'
import { supervisedWorker } from './compose/supervised-worker.ts'
import { sweep } from './compose/sweep.ts'
import { keepUploadsSwept } from './compose/sweep-uploads.ts'
import { systems } from './compose/systems.ts'
import { uploadsInUse } from './compose/uploads-in-use.ts'
import { workerPlan } from './compose/worker-config.ts'
import { keepYoungHeapSmall } from './compose/young-heap.ts'
import { FailureError } from './contract/failure.ts'
import type { HostInfo } from './contract/host.ts'
import type { Api } from './core/api.ts'
import { createCore } from './core/create-core.ts'
import type { EngineStore, ModelStore } from './core/ports/local.ts'
import { runAutomations } from './core/run-automations.ts'

export interface ComposeOptions {
  readonly dataDir: string
  /** The folder of package.json, resources, worker and out. */
  readonly root: string
  /** `terminal` hosts for one command: it supervises no worker and polls nothing. */
  readonly host: HostInfo['host']
  readonly log: Log
}

export interface Composed {
  readonly api: Api
  readonly folder: DataFolder
  readonly database: LocalDatabase
  readonly engine: EngineStore
  readonly models: ModelStore
  /** Sentences a person should see once: a settings file set aside, a port that was taken. */
  readonly notices: readonly string[]
  notice(sentence: string): void
  /** Values that must never reach a log. */
  secrets(): readonly string[]
  /** Polling, the worker and the engine's build begin; a host for one command does not call it. */
  start(): Promise<void>
  /** Ends everything within seconds: worker, whisper, pools, and the database unless another process still uses it. */
  stop(): Promise<void>
}

export function compose({ dataDir, root, host, log }: ComposeOptions): Composed {
  keepYoungHeapSmall()
  const folder = createDataFolder(dataDir)
  const settings = openSettings(dataDir)
  const notices = [...folder.notices, ...settings.notices]
  for (const sentence of folder.notices) log.warn('data', sentence)
  /** A full disk is no fault of Unjam and has a sentence of its own. */
  const onBug = (where: string, error: unknown) =>
    error instanceof FailureError
      ? log.warn(where, error.message, error.cause)
      : log.error(where, 'An internal error occurred.', error)
  const database = localDatabase(folder, root, {
    notice(sentence) {
      log.warn('database', sentence)
      notices.push(sentence)
    },
    idleError: (error) => log.warn('database', 'A database connection ended.', error),
  })
  const history = openHistory(folder.history)
  const findings = openFindings(folder.findings)
  notices.push(...history.notices, ...findings.notices)
  const engine = createEngineStore({ root, onLog: (line) => log.info('engine', line) })
  const models = createModelStore({ folder: folder.models, ...modelHub(process.env) })
  const met = secretsMet(() => [...settings.secrets(), ...database.secrets()])
  const jobSystems = systems({
    secrets: met,
    dataDir,
    settings: settings.get,
    database,
    onProblem: (system, error) => log.warn(system, 'A connection ended.', error),
  })
  const hasLocal = () => jobSystems.all().some(({ kind }) => kind === 'local')
  const plan = () => {
    if (!hasLocal()) throw noLocalSystem()
    return workerPlan(settings.get().worker, folder, engine, models)
  }
  const supervised = supervisedWorker({ host, root, plan, database, log })
  const kept: KeptWorker = keepWorker({
    worker: supervised,
    startWithApp: () => hasLocal() && settings.get().worker.startWithApp,
    plan,
    onProblem: (sentence) => log.warn('worker', sentence),
  })
  const connect = discovering(connecting({ dataDir, settings, probes: stackProbes(dataDir) }))
  const maker = stackMaker({
    sources: { stack: join(root, 'resources', 'stack'), whisper: sourceFolder(root) },
    docker: composeFolder(),
    model: () => models.resolve(settings.get().worker.model),
    taken: (id) => jobSystems.all().some((system) => system.id === id),
    adopt: async (system) => void (await connect.save(system, null)),
    release: async (id) => void (await connect.remove(id)),
  })
  const samples = createSamples({
    ...{ database, root, clock: systemClock, taken: () => jobSystems.all().map(({ id }) => id) },
    heartbeatLimitMs: () => settings.get().heartbeatLimitMinutes * 60_000,
    onProblem: (error) => log.warn('sample', 'A sample could not go on.', error),
  })
  const core = createCore({
    // What is walked through comes first.
    systems: () => [...samples.systems(), ...jobSystems.all()],
    history: samples.history(history),
    findings,
    alerts: findings.alerts,
    quietHours: () => settings.get().alerts.quietHours,
    clock: systemClock,
    files: createFileFinder(),
    local: {
      ...{ worker: kept.worker, engine, models, settings: () => settings.get().worker },
      room: createMachineRoom([dataDir]),
    },
    maker,
    heartbeatLimitMs: () => settings.get().heartbeatLimitMinutes * 60_000,
    newId: () => randomUUID(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    notice(sentence) {
      log.warn('recover', sentence)
      notices.push(sentence)
    },
    onBug,
  })
  const automationsLog = openAutomations(folder.automations)
  notices.push(...automationsLog.notices)
  const automations = runAutomations({
    automations: () => settings.get().automations,
    snapshot: core.latest,
    ...{ core, log: automationsLog, clock: systemClock },
    newId: () => randomUUID(),
    onBug,
  })
  const past = keepHistory({
    file: folder.readings,
    ...{ core, findings, clock: systemClock, version: versionOf(root) },
    secrets: met.values,
    serve: async (bundle) => {
      const served = await serveBundle(bundle, { root, log })
      ending.signal.addEventListener('abort', () => void served.close())
      return { url: served.url }
    },
    onBug,
  })
  notices.push(...past.notices)
  const ending = new AbortController()
  const machine = createMachine({
    folder,
    version: versionOf(root),
    host,
    notices,
    settings,
    worker: kept.worker,
    engine,
    models,
    doctor: async () => doctor({ folder, root, database, engine, models, model: () => settings.get().worker.model }),
    ending: ending.signal,
    onProblem: (where, error) => log.error('machine', `${where} did not end as it should.`, error),
  })
  const listening: (() => void)[] = []

  return {
    api: { automations, core: maskedCore(core, met), machine, connecting: connect, samples, archive: past.archive },
    folder,
    database,
    engine,
    models,
    notices,
    notice: (sentence) => void notices.push(sentence),
    secrets: met.values,
    async start() {
      await sweep(folder)
      core.start()
      past.start()
      automations.start()
      listening.push(settings.onChange(jobSystems.reconcile))
      for (const source of [engine, models, settings]) listening.push(source.onChange(() => kept.look()))
      if (hasLocal()) {
        machine.buildEngine()
        listening.push(
          keepUploadsSwept({
            recordings: folder.recordings,
            referenced: (names) => uploadsInUse(names, database, history, jobSystems.all()),
            onSwept: (sentence) => log.info('uploads', sentence),
            onProblem: (error) => log.warn('uploads', 'Old uploads could not be removed.', error),
          }),
        )
      }
      kept.look()
    },
    async stop() {
      for (const stopListening of listening) stopListening()
      kept.stop()
      ending.abort()
      models.cancel()
      await supervised.close()
      await automations.stop()
      await past.close()
      await core.stop()
      await samples.close()
      await jobSystems.close()
      await database.close()
      history.close()
      findings.close()
      automationsLog.close()
    },
  }
}

function noLocalSystem(): FailureError {
  return new FailureError({
    kind: 'missing',
    tried: 'Start the worker',
    on: 'settings',
    because: 'they list no local system',
    remedy: 'Add one of kind local to use a worker here.',
  })
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return String(version)
}
