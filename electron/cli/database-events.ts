// What a command without a core says about the embedded database: notices; a lost idle connection is found on next use.
import type { DatabaseEvents } from '../compose/local-database.ts'
import type { Context } from './command.ts'

export function databaseEvents({ terminal }: Context): DatabaseEvents {
  return { notice: terminal.say, idleError: () => undefined }
}
