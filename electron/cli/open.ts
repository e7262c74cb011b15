// `unjam open`: a bundle in the browser, read-only, with its past to go through.
import { buildInterface } from '../compose/build-interface.ts'
import { readBundle } from '../compose/keep-history.ts'
import { serveBundle } from '../compose/serve-bundle.ts'
import { onePositional, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { port, runningSentence } from './serve.ts'

export const open: Command = {
  help: `unjam open FILE [--port N] [--json]

Shows a bundle as it was: any of its moments on every screen, nothing to change. Prints the address for a browser on this
computer; Ctrl-C ends it. It touches no data directory and no system.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { port: { type: 'string' } })
    const path = onePositional(positionals, 'bundle')
    const bundle = await readBundle({ path })
    const { terminal, root, signal } = context
    await buildInterface(root, terminal.say, signal)
    const log = {
      info: () => undefined,
      warn: (_: string, text: string) => terminal.say(text),
      error: faults(terminal.say),
    }
    const served = await serveBundle(bundle, { root, log, port: port(values.port) ?? 0 })
    try {
      const address = { url: served.url, port: served.port, already: false }
      terminal.result({ ...address, from: bundle.from, to: bundle.to }, () => runningSentence(address))
      await aborted(signal)
    } finally {
      await served.close()
    }
    return exitCode.ok
  },
}

const faults = (say: (sentence: string) => void) => (where: string, text: string) => say(`${where}: ${text}`)

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
