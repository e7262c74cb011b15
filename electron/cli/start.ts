// `unjam start` (npm start): the desktop window, or the browser where there is none.
import { dataDirectory } from '../compose/data-folder.ts'
import { accessToken, tokenOptions } from './access-token.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { port, runningSentence } from './serve.ts'

export const start: Command = {
  help: `unjam start [--port N] [--token-file F] [--data DIR] [--json]

Opens Unjam's window. Where Electron's program is missing or there is no display it says so and serves the same app for
a browser, as unjam serve does. Builds what is missing first; as root on Debian it installs cmake and g++.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { port: { type: 'string' }, ...tokenOptions })
    if (positionals.length > 0) throw new WrongUsage('start takes no names')
    const options = {
      dataDir: dataDirectory(values.data),
      root: context.root,
      port: port(values.port),
      token: accessToken(values, process.env, context.terminal.say),
    }
    const { start: startApp } = await import('../start.ts')
    const { terminal } = context
    await startApp({
      ...options,
      signal: context.signal,
      say: terminal.say,
      running: (address) => terminal.result(address, () => runningSentence(address)),
    })
    return exitCode.ok
  },
}
