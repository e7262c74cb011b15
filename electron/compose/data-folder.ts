// Where Unjam keeps what is its own: the data directory and the places inside it.
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { closeDataFolder } from '../adapters/data-access.ts'
import { FailureError } from '../contract/failure.ts'

/** The places inside one data directory; nothing is created by naming them. */
export interface DataFolder {
  readonly path: string
  readonly history: string
  readonly findings: string
  readonly readings: string
  readonly automations: string
  readonly run: string
  readonly children: string
  readonly postgres: string
  readonly models: string
  readonly recordings: string
  readonly scratch: string
  readonly log: string
  /** What other accounts of this computer can still open, one sentence each. */
  readonly notices: readonly string[]
}

/** The chosen directory, else UNJAM_DATA, else the platform's place for a user's application data. */
export function dataDirectory(
  chosen: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const given = chosen ?? env.UNJAM_DATA
  if (given !== undefined && given !== '') return resolve(given)
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Unjam')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Unjam')
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'unjam')
}

export function dataFolder(path: string): DataFolder {
  return {
    path,
    history: join(path, 'history.sqlite'),
    findings: join(path, 'findings.sqlite'),
    readings: join(path, 'readings.sqlite'),
    automations: join(path, 'automations.sqlite'),
    run: join(path, 'run'),
    children: join(path, 'run', 'children'),
    postgres: join(path, 'postgres'),
    models: join(path, 'models'),
    recordings: join(path, 'recordings'),
    scratch: join(path, 'scratch'),
    log: join(path, 'logs', 'unjam.log'),
    notices: [],
  }
}

/** Creates the directory, or closes an existing one: it holds a database password and transcripts. */
export function createDataFolder(path: string): DataFolder {
  try {
    for (const inside of ['run', 'logs']) mkdirSync(join(path, inside), { recursive: true, mode: 0o700 })
    // Locks, sockets and process records are removed and replaced in it; through a link that would happen elsewhere.
    if (lstatSync(join(path, 'run')).isSymbolicLink()) throw new Error(`${join(path, 'run')} is a symbolic link`)
    return { ...dataFolder(path), notices: closeDataFolder(path) }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw new FailureError(
      {
        kind: 'refused',
        tried: 'Open the data directory',
        on: path,
        because,
        remedy: 'Choose another with --data DIR.',
      },
      { cause: error },
    )
  }
}
