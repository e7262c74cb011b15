// `unjam demo`: an incident of the runbooks to walk through, made up, in the browser or the window that is open.
import { createDataFolder, dataDirectory } from '../compose/data-folder.ts'
import { SampleName } from '../contract/sample.ts'
import { attachLocal, type Client } from '../server/local-endpoint.ts'
import { accessToken, tokenOptions } from './access-token.ts'
import { onePositional, readArguments, WrongUsage } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command, Context } from './command.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { port, runningSentence } from './serve.ts'
import { withCore } from './session.ts'

export const demo: Command = {
  help: `unjam demo [INCIDENT] [--port N] [--token-file F] [--data DIR] [--json]
unjam demo --list | --leave

Stages an incident on made-up systems and serves Unjam for a browser, as unjam serve does; where Unjam runs already, the
sample appears there. Without a name it is the first of the list. Nothing is installed, and nothing real is touched.
While it runs every command works on it: unjam diagnose says the verdict, unjam act carries out its remedies.
  --list   the incidents
  --leave  ends the sample that runs; nothing of it remains. Ctrl-C does so too where this command serves.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      port: { type: 'string' },
      ...tokenOptions,
      list: { type: 'boolean', default: false },
      leave: { type: 'boolean', default: false },
    })
    if ((values.list || values.leave) && positionals.length > 0)
      throw new WrongUsage('--list and --leave take no names')
    if (values.list) return list(values.data, context)
    if (values.leave) return leave(values.data, context)
    const name = incidentOf(positionals)
    const dataDir = dataDirectory(values.data)
    if (await shownInWindow(dataDir, name, context)) return exitCode.ok
    const { serve } = await import('../serve.ts')
    const failed = new AbortController()
    let started: Promise<void> = Promise.resolve()
    await serve({
      ...{
        dataDir,
        root: context.root,
        port: port(values.port),
        token: accessToken(values, process.env, context.terminal.say),
      },
      signal: AbortSignal.any([context.signal, failed.signal]),
      say: context.terminal.say,
      running(address) {
        started = withClient(dataDir, async (client) => {
          const { title } = await client.samples.start({ name })
          context.terminal.result({ ...address, sample: name }, () => `Sample “${title}”. ${runningSentence(address)}`)
        })
        // Without its sample it would be an ordinary Unjam that nobody asked for.
        started.catch((error: unknown) => failed.abort(error))
      },
    })
    await started
    return exitCode.ok
  },
}

function incidentOf(positionals: readonly string[]): SampleName {
  if (positionals.length === 0) return 'stuck-at-1069'
  const given = onePositional(positionals, 'incident')
  const name = SampleName.safeParse(given)
  if (name.success) return name.data
  throw new WrongUsage(`There is no incident ${JSON.stringify(given)}; there are ${SampleName.options.join(', ')}`)
}

/** A window that is open shows it; it needs no browser. */
async function shownInWindow(dataDir: string, name: SampleName, { terminal }: Context): Promise<boolean> {
  const attached = await attachLocal(createDataFolder(dataDir).path)
  if (attached === null) return false
  try {
    const { host } = await attached.client.host.info({})
    if (host !== 'desktop') return false
    const { title } = await attached.client.samples.start({ name })
    terminal.result({ sample: name }, () => `The window of Unjam shows the sample “${title}”.`)
    return true
  } finally {
    attached.close()
  }
}

async function withClient(dataDir: string, work: (client: Client) => Promise<void>): Promise<void> {
  const attached = await attachLocal(createDataFolder(dataDir).path)
  if (attached === null) throw new Error('the core that was just started does not answer')
  try {
    await work(attached.client)
  } finally {
    attached.close()
  }
}

async function list(data: string | undefined, context: Context): Promise<ExitCode> {
  const samples = await withCore(data, context, ({ client }) => client.samples.list())
  context.terminal.result({ samples }, () =>
    columns(
      ['incident', 'runbook', 'what one sees', 'runs'],
      samples.map(({ name, runbook, title, running }) => [name, runbook, title, running ? 'now' : null]),
    ),
  )
  return exitCode.ok
}

async function leave(data: string | undefined, context: Context): Promise<ExitCode> {
  const samples = await withCore(data, context, ({ client }) => client.samples.stop())
  context.terminal.result({ samples }, () => 'No sample runs.')
  return exitCode.ok
}
