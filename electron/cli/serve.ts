// `unjam serve`: the app for a browser on this computer.
import { dataDirectory } from '../compose/data-folder.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'

export const serve: Command = {
  help: `unjam serve [--port N] [--token T] [--data DIR] [--json]

Runs Unjam and prints the address of its browser interface, on this computer only. Ctrl-C ends it and all it started.
  --port N    this port or a sentence why not; without it the usual one, or the next that is free; 0 is any
  --token T   a token of your own for the link and for /api, letters, digits and - _ . ~; otherwise a new one every time
Where Unjam runs on the data directory already, its address is printed again.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { port: { type: 'string' }, token: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('serve takes no names')
    const options = {
      dataDir: dataDirectory(values.data),
      root: context.root,
      port: port(values.port),
      token: token(values.token),
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

export function token(text: string | undefined): string | null {
  if (text === undefined) return null
  // It travels in an address and as a WebSocket sub-protocol, which take no other characters.
  if (!/^[\w.~-]{1,200}$/.test(text)) throw new WrongUsage('--token takes up to 200 letters, digits, and - _ . ~')
  return text
}

/** The one line on stdout; the address is the last word of it. */
export function runningSentence({ url, already }: { url: string; already: boolean }): string {
  return already ? `Unjam already runs on this data directory: ${url}` : `Unjam is running: ${url}`
}
