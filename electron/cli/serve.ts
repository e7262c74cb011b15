// `unjam serve`: the app for a browser on this computer.
import { dataDirectory } from '../compose/data-folder.ts'
import { accessToken, tokenHelp, tokenOptions } from './access-token.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'

export const serve: Command = {
  help: `unjam serve [--port N] [--token-file F] [--data DIR] [--json]

Runs Unjam and prints the address of its browser interface, on this computer only. Ctrl-C ends it and all it started.
  --port N        this port or a sentence why not; without it the usual one, or the next that is free; 0 is any
${tokenHelp}
Where Unjam runs on the data directory already, its address is printed again.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { port: { type: 'string' }, ...tokenOptions })
    if (positionals.length > 0) throw new WrongUsage('serve takes no names')
    const options = {
      dataDir: dataDirectory(values.data),
      root: context.root,
      port: port(values.port),
      token: accessToken(values, process.env, context.terminal.say),
    }
    const { serve: serveApp } = await import('../serve.ts')
    const { terminal } = context
    await serveApp({
      ...options,
      signal: context.signal,
      say: terminal.say,
      running: (address) => terminal.result(address, () => runningSentence(address)),
    })
    return exitCode.ok
  },
}

export function port(text: string | undefined): number | null {
  if (text === undefined) return null
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 65_535)) throw new WrongUsage(`--port ${JSON.stringify(text)} is not 0 to 65535`)
  return number
}

/** The one line on stdout; the address is the last word of it. */
export function runningSentence({ url, already }: { url: string; already: boolean }): string {
  return already ? `Unjam already runs on this data directory: ${url}` : `Unjam is running: ${url}`
}
