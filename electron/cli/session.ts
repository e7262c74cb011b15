// A core for one command: attached when one runs on the data directory, hosted for the command's time otherwise.
import { setTimeout as sleep } from 'node:timers/promises'
import { dataDirectory } from '../compose/data-folder.ts'
import { type OpenCore, openCore } from '../compose/open-core.ts'
import { FailureError } from '../contract/failure.ts'
import { isSample } from '../contract/sample.ts'
import type { Client } from '../server/attached-core.ts'
import { WrongUsage } from './arguments.ts'
import type { Context } from './command.ts'

export interface Session {
  readonly client: Client
  readonly core: OpenCore
  readonly dataDir: string
}

/** Opens a core, does the work, and gives everything back, also when the work fails or is interrupted. */
export async function withCore<T>(
  data: string | undefined,
  context: Context,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const dataDir = dataDirectory(data)
  const core = await openCore({ dataDir, root: context.root, host: 'terminal', signal: context.signal })
  try {
    await settled(core)
    for (const notice of core.hosted?.composed.notices ?? []) context.terminal.say(notice)
    return await work({ client: core.client, core, dataDir })
  } finally {
    await leave(core)
  }
}

/** A change that was cut short by a crash gets its receipt before this command reads or changes anything. */
async function settled({ hosted }: OpenCore): Promise<void> {
  if (hosted === null) return
  await Promise.race([hosted.composed.api.core.settle(), sleep(settleMs, undefined, { ref: false })])
}

/** A source that is away does not hold up a command; its finding says what is open. */
const settleMs = 5000
/** Commands that attached meanwhile may finish. */
const patienceMs = 10_000
const goodbyeMs = 500

export async function leave(core: OpenCore): Promise<void> {
  if (core.hosted !== null) return core.hosted.close(patienceMs)
  core.attached.close()
  // A connection that is cut instead of closed is a line in the host's log.
  await Promise.race([core.attached.closed, new Promise((late) => setTimeout(late, goodbyeMs).unref())])
}

/** Systems of the sample that runs, if one does. */
async function sampleIds(client: Client): Promise<string[]> {
  return (await client.samples.list()).flatMap(({ systems }) => systems)
}

/** The system a command means: the one named, else `local`, else the only one there is. */
export async function chosenSystem(client: Client, named: string | undefined): Promise<string> {
  const { systems } = await client.settings.get()
  const ids = systems.length === 0 ? ['local'] : systems.map(({ id }) => id)
  if (named !== undefined) {
    if (ids.includes(named) || (isSample(named) && (await sampleIds(client)).includes(named))) return named
    throw new FailureError({
      kind: 'missing',
      tried: 'Find the system',
      on: named,
      because: `the settings have ${ids.join(', ')}`,
      remedy: null,
    })
  }
  const [only, ...others] = ids
  if (ids.includes('local')) return 'local'
  if (only !== undefined && others.length === 0) return only
  throw new WrongUsage(`--system is missing; there are ${ids.join(', ')}`)
}
