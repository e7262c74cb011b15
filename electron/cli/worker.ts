// `unjam worker`: a worker in this terminal, on the embedded database or any other.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDataFolder, type DataFolder, dataDirectory } from '../compose/data-folder.ts'
import { guardProcess } from '../compose/guard-process.ts'
import { localDatabase } from '../compose/local-database.ts'
import { workerPlan } from '../compose/worker-config.ts'
import { FailureError } from '../contract/failure.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'
import { WorkerSettings } from '../contract/settings.ts'
import {
  RecordingsTable,
  type SharedFolder,
  type WorkerCommand,
  type WorkerConfig,
  type WorkerLine,
} from '../contract/worker-protocol.ts'
import { warnOfPassword } from './access-token.ts'
import { readArguments, WrongUsage, wholeNumber } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { databaseEvents } from './database-events.ts'
import { engineProgress } from './engine-progress.ts'
import { exitCode } from './exit-codes.ts'
import { tellWorker, workerTally } from './worker-lines.ts'

export const worker: Command = {
  help: `unjam worker [--system ID | --database URL] [--model FILE] [--slots N] [--threads N] [--language L] [--drain] [--lines] [--data DIR] [--json]

A worker in this terminal. Any number may work on one database, on any number of computers.
  --system ID     the database and table of a system of the settings: jobs of its stack that were taken over, and its queue
  --database URL  a Postgres with a recordings table (also env:NAME); without it Unjam's own embedded one
  --model FILE    a ggml model file; without it the one of the settings
  --slots N       recordings at once; --threads N for each; both chosen for this computer when not given
  --drain         end with exit 0 when nothing is left to do, also when jobs failed
  --lines         the worker's protocol on stdout, one JSON object a line
Ctrl-C gives its jobs back with what they have and ends; a second one ends at once.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      database: { type: 'string' },
      system: { type: 'string' },
      model: { type: 'string' },
      slots: { type: 'string' },
      threads: { type: 'string' },
      language: { type: 'string' },
      drain: { type: 'boolean', default: false },
      lines: { type: 'boolean', default: false },
    })
    if (positionals.length > 0) throw new WrongUsage('worker takes no names')
    warnOfPassword('database', values.database, context.terminal.say)
    const slots = wholeNumber('slots', values.slots, 64)
    const threads = wholeNumber('threads', values.threads, 256)
    const folder = createDataFolder(dataDirectory(values.data))
    const place = await placeOf(values, folder)
    const plan = await planned(folder, context, values.model, {
      ...(values.language === undefined ? {} : { language: values.language }),
      ...(slots === undefined ? {} : { slots }),
      ...(threads === undefined ? {} : { threads }),
    })
    const local = place === null ? localDatabase(folder, context.root, databaseEvents(context)) : null
    try {
      const { table = plan.table, folders = [] } = place ?? {}
      const database = await (local === null
        ? foreign(place?.database ?? '', folder, context, table)
        : local.url(context.signal))
      for (const { inside, here } of folders) context.terminal.say(`${inside} in the rows is read from ${here} here.`)
      const config = { ...plan, table, folders: [...folders], shared: place !== null, database, drain: values.drain }
      await run(config, values.lines, context)
    } finally {
      await local?.close()
    }
    return exitCode.ok
  },
}

/** The worker's plan from the settings and the options; builds the engine first when it is missing. */
async function planned(
  folder: DataFolder,
  context: Context,
  given: string | undefined,
  chosen: Partial<WorkerSettings>,
) {
  const { openSettings } = await import('../adapters/settings-file.ts')
  const { createModelStore } = await import('../adapters/model-store.ts')
  const { createEngineStore } = await import('../adapters/engine-build.ts')
  const { modelFile } = await import('./model-file.ts')
  const { worker: settings } = openSettings(folder.path).get()
  const model = await modelFile(given, folder, context.signal)
  await engineProgress(context)
  const plan = workerPlan(
    WorkerSettings.parse({ ...settings, ...chosen, model }),
    folder,
    createEngineStore({ root: context.root, onLog: () => undefined }),
    createModelStore({ folder: folder.models }),
  )
  // Its own scratch: the supervised worker empties the one it has.
  const scratch = join(folder.scratch, `worker-${process.pid}`)
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  return { ...plan, scratch }
}

/** Where it works when not on the embedded database: a URL, or what the settings say of a system. */
async function placeOf(
  { database, system }: { database?: string | undefined; system?: string | undefined },
  folder: DataFolder,
): Promise<{ database: string; table: RecordingsTable; folders: readonly SharedFolder[] } | null> {
  const table = RecordingsTable.parse({})
  if (system === undefined) return database === undefined ? null : { database, table, folders: [] }
  if (database !== undefined) throw new WrongUsage('give --system or --database, not both')
  const { openSettings } = await import('../adapters/settings-file.ts')
  const { systems } = openSettings(folder.path).get()
  const found = systems.find(({ id }) => id === system)
  if (found?.kind === 'local' || (found === undefined && system === 'local' && systems.length === 0)) return null
  if (found?.kind === 'recordings') {
    const { openRecordingFolders } = await import('../compose/recording-folders.ts')
    return { database: found.database, table: found.table, folders: await openRecordingFolders(found, folder.path) }
  }
  throw new FailureError({
    kind: found === undefined ? 'missing' : 'unsupported',
    tried: 'Work on a system',
    on: system,
    because: found === undefined ? 'the settings have no such system' : `a worker cannot work on kind ${found.kind}`,
    remedy: `Systems a worker can work on: ${systems.flatMap(({ id, kind }) => (kind === 'recordings' || kind === 'local' ? [id] : [])).join(', ') || 'local'}.`,
  })
}

/** Looks before it creates: a database that is not the right one is left without schema unjam. */
async function foreign(given: string, folder: DataFolder, { root }: Context, table: RecordingsTable): Promise<string> {
  const { resolveSecret } = await import('../adapters/secrets.ts')
  const { migrate } = await import('../adapters/migrate.ts')
  const { openPool } = await import('../../worker/store/pool.ts')
  const { readTable, WrongTable } = await import('../../worker/store/read-table.ts')
  const url = encodeUserinfo(resolveSecret(given, folder.path))
  const pool = openPool(url, 1, () => undefined)
  // A database that cannot be reached at all is named by migrate, which meets the same trouble.
  const wrong = await readTable(pool, table).then(
    () => null,
    (error: unknown) => (error instanceof WrongTable ? error : null),
  )
  await pool.close()
  if (wrong !== null) throw cannotWork(wrong)
  await migrate(url, 'unjam', root)
  return url
}

function cannotWork(error: Error): FailureError {
  const because = error.message.replace(/\.$/, '')
  return new FailureError(
    { kind: 'invalid', tried: 'Work on the queue', on: '', because, remedy: null },
    { cause: error },
  )
}

async function run(config: WorkerConfig, lines: boolean, { terminal, signal }: Context): Promise<void> {
  const { runWorker } = await import('../../worker/run-worker.ts')
  const { CannotWork } = await import('../../worker/check-tools.ts')
  const { sweepChildren } = await import('../../worker/children.ts')
  await sweepChildren(config.children)
  const tally = workerTally()
  const emit = (line: WorkerLine) => {
    tally.count(line)
    if (lines) terminal.write(`${JSON.stringify(line)}\n`)
    else tellWorker(line, terminal)
  }
  // Nothing restarts it, and all its writes are fenced by leases: a stray error costs only its log line.
  const release = guardProcess({ log: (message) => terminal.say(message), notice: () => undefined })
  try {
    // An aborted signal is its `stop`: children are killed, jobs given back with their chunks.
    const ended = await runWorker(config, { emit, commands: noCommands, signal })
    if (terminal.json && !lines) terminal.result({ ended, ...tally.result() }, () => '')
  } catch (error) {
    if (!(error instanceof CannotWork)) throw error
    throw cannotWork(error)
  } finally {
    release()
    rmSync(config.scratch, { recursive: true, force: true })
  }
}

/** Nobody supervises a worker in a terminal; the end of its commands means nothing to it. */
const noCommands: AsyncIterable<WorkerCommand> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
}
