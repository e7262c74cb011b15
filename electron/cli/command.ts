// What a command is, and what cli.ts gives it.
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** What a command is given by cli.ts. */
export interface Context {
  readonly terminal: Terminal
  /** Aborted by the first Ctrl-C: give back what was taken and end. */
  readonly signal: AbortSignal
  /** The folder that holds package.json, resources and out. */
  readonly root: string
  readonly version: string
}

export interface Command {
  /** `unjam NAME --help`; its first line is the usage. */
  readonly help: string
  run(args: readonly string[], context: Context): Promise<ExitCode>
}
