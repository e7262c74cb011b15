// Host for a terminal: finds the command, runs it, turns what it threw into a sentence and an exit code.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WrongUsage } from './cli/arguments.ts'
import type { Command } from './cli/command.ts'
import { commands } from './cli/commands.ts'
import { type ExitCode, exitCode, exitCodeHelp, exitCodeOf } from './cli/exit-codes.ts'
import { interrupt, interruption } from './cli/interruption.ts'
import { nearest } from './cli/nearest.ts'
import { openTerminal } from './cli/terminal.ts'
import { isGuarded } from './compose/guard-process.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { command: name, args } = split(process.argv.slice(2))
const own = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
const terminal = openTerminal(own.includes('--json'), process.stdout, process.stderr)

function version(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return String(version)
}

/** The command and the rest; `--data DIR` and `--json` may stand before it. */
function split(given: readonly string[]): { command: string | undefined; args: string[] } {
  let at = 0
  while (given[at]?.startsWith('-')) at += given[at] === '--data' ? 2 : 1
  return { command: given[at], args: [...given.slice(0, at), ...given.slice(at + 1)] }
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map((one) => one.length))
  const list = Object.entries(commands).map(([one, { summary }]) => `  ${one.padEnd(width)}  ${summary}`)
  return `unjam COMMAND [options]      Why is nothing finishing, and what do I press?

${list.join('\n')}

Every command
  --data DIR  the data directory (also UNJAM_DATA)
  --json      one JSON document on stdout, everything else on stderr
  --help      what the command takes

${exitCodeHelp}
`
}

async function find(name: string): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry !== undefined) return entry.load()
  const meant = nearest(name, Object.keys(commands))
  throw new WrongUsage(
    `There is no command ${JSON.stringify(name)}${meant === null ? '' : `; unjam ${meant} is the nearest`}`,
  )
}

async function main(): Promise<ExitCode> {
  const wantsHelp = own.includes('--help') || own.includes('-h')
  if (name === undefined || name === 'help') {
    if (own.includes('--version')) terminal.result({ version: version() }, version)
    else {
      const [about] = name === 'help' ? own : []
      const text = about === undefined ? help() : (await find(about)).help
      if (name === undefined && !wantsHelp) throw new WrongUsage('A command is missing')
      terminal.write(text)
    }
    return exitCode.ok
  }
  const command = await find(name)
  if (wantsHelp) {
    terminal.write(command.help)
    return exitCode.ok
  }
  return command.run(args, { terminal, signal: interruption(), root, version: version() })
}

async function ending(error: unknown): Promise<ExitCode> {
  if (error instanceof WrongUsage) {
    const usage = name !== undefined && Object.hasOwn(commands, name) ? (await find(name)).help.split('\n', 1)[0] : null
    terminal.say(`${error.message}. ${usage === null ? 'unjam --help lists the commands.' : `Usage: ${usage}`}`)
    if (terminal.json)
      terminal.result(
        { failure: { kind: 'invalid', tried: 'Read the command line', on: '', because: error.message, remedy: null } },
        () => '',
      )
    return exitCode.usage
  }
  const { failureOf } = await import('./cli/failure.ts')
  const { sentence } = await import('./contract/failure.ts')
  const stopped = interruption().aborted
  const failure = failureOf(stopped ? interruption().reason : error, name ?? 'unjam')
  if (stopped) terminal.say(`Stopped: ${failure.because}.`)
  else terminal.say(sentence(failure))
  if (failure.kind === 'bug' && process.env.UNJAM_DEBUG && error instanceof Error) terminal.say(error.stack ?? '')
  if (terminal.json) terminal.result({ failure }, () => '')
  return stopped ? exitCode.interrupted : exitCodeOf(failure)
}

// A reader that left (`unjam worker | head`) is no fault; the command gives back what it has taken and ends.
process.stdout.on('error', () => interrupt('nobody reads its output any more'))
process.on('uncaughtException', (error) => {
  // A host that runs isolates it and continues; before that it is a failure to start.
  if (isGuarded()) return
  terminal.say(`Unjam made a mistake and has to end: ${error instanceof Error ? error.message : String(error)}.`)
  process.exit(exitCode.bug)
})
const code = await main().catch(ending)
process.stdout.write('', () => process.exit(code))
