// One compose project behind the core's `Stack` port.
import { FailureError, sentence } from '../../contract/failure.ts'
import type { StackInfo } from '../../contract/service.ts'
import type { SharedFolder } from '../../contract/worker-protocol.ts'
import type { Stack } from '../../core/ports/stack.ts'
import { createChanges } from './change-services.ts'
import { createComposeAccess } from './compose-access.ts'
import { readContainers } from './container.ts'
import { thisMachine } from './endpoint.ts'
import { createEngine } from './engine.ts'
import { createEvents } from './events.ts'
import { readUses } from './files-here.ts'
import { chooseProject } from './layout.ts'
import { readLogs } from './logs.ts'
import { readMachine } from './machine.ts'
import { createRecovery } from './recover.ts'
import { createJournal } from './recreate-journal.ts'
import { asService, dockerCommand } from './service-row.ts'
import { sharedFolders } from './shared-folders.ts'
import { createUsage } from './usage.ts'
import { wslDistributions } from './wsl.ts'

export interface StackOptions {
  /** Absent: the only compose project on the engine. */
  readonly project?: string | undefined
  /** An endpoint or `context:NAME`; absent: as the docker command would find it. */
  readonly docker?: string | undefined
  /** Path of the .env; absent: what the containers' labels say. */
  readonly envFile?: string | undefined
  /** The journal of a recreate is kept here. */
  readonly dataDir: string
  /** Troubles that change no answer: an event stream that broke, a compose file with an error. One sentence each. */
  onProblem(sentence: string): void
  /** Variables that programs are started with and the engine is looked for by; absent: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** How long a container without a health check must run before it counts as up. */
  readonly settleMs?: number
  /** Beside its grace period: how long nothing may have happened to a leftover container before it is removed. */
  readonly quietMs?: number
}

const SETTLE_MS = 10_000
const QUIET_MS = 5 * 60_000

export interface ComposeStack extends Stack {
  /** Folders of this machine that its worker works in, by their names inside the container. */
  folders(signal: AbortSignal): Promise<readonly SharedFolder[]>
}

/** Opens nothing until it is asked something. */
export function composeStack(options: StackOptions): ComposeStack {
  const machine = {
    ...thisMachine(),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  }
  const engine = createEngine(options.docker ?? null, machine)
  const project = (signal: AbortSignal) => chooseProject(engine, options.project ?? null, signal)
  const access = createComposeAccess({
    engine,
    project,
    envFile: options.envFile ?? null,
    environment: machine.environment,
  })
  const events = createEvents(engine, project, options.onProblem)
  const usage = createUsage(engine)
  const journal = createJournal(options.dataDir)
  const recovery = createRecovery({
    ...{ engine, journal, project, quietMs: options.quietMs ?? QUIET_MS },
    onNotice: options.onProblem,
  })
  const changes = createChanges({ engine, access, journal, recovery, settleMs: options.settleMs ?? SETTLE_MS })
  let told = ''

  async function containers(signal: AbortSignal) {
    return readContainers(engine, await project(signal), signal)
  }

  /** Said once per trouble: it is asked for every few seconds. */
  function problem(text: string): void {
    if (text !== told && text !== '') options.onProblem(text)
    told = text
  }

  return {
    ...changes,
    onChange: events.onChange,

    async info(signal): Promise<StackInfo> {
      const { endpoint, version, apiVersion, os } = await engine.facts(signal)
      const { layout, cli } = await access.read(signal)
      return {
        project: layout.project,
        workingDir: layout.workingDir,
        configFiles: [...layout.configFiles],
        envFile: layout.envFile,
        filesHere: layout.filesHere,
        engine: { endpoint: endpoint.url, version, apiVersion, os, ...(await readMachine(engine, signal)) },
        compose: cli?.version ?? null,
      }
    },

    async services(signal) {
      const { endpoint } = await engine.facts(signal)
      const found = await containers(signal)
      const used = usage.latest(found)
      return found.map((one) => asService(one, used.get(one.id) ?? null, dockerCommand(endpoint)))
    },

    async logs(query, signal) {
      return readLogs(engine, await project(signal), query, signal)
    },

    async environments(signal) {
      const running = (await containers(signal)).filter(({ inspect }) => inspect.State.Running)
      return running.map(({ name, compose, inspect }) => ({
        service: compose.service,
        container: name,
        values: Object.fromEntries((inspect.Config.Env ?? []).map(assignment)),
      }))
    },

    async uses(signal) {
      const { layout } = await access.read(signal)
      try {
        const uses = await readUses(layout)
        problem('')
        return uses
      } catch (error) {
        if (!(error instanceof FailureError)) throw error
        problem(sentence(error.failure))
        return null
      }
    },

    async folders(signal) {
      const { endpoint } = await engine.facts(signal)
      return sharedFolders(await containers(signal), endpoint.endpoint, await wslDistributions())
    },

    recover: recovery.run,
    pending: recovery.pending,

    async close() {
      events.close()
      usage.close()
    },
  }
}

function assignment(line: string): readonly [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
