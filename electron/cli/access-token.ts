// Secrets of the command line: the access token of /api, and warnings where others can read one.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { passwordsIn } from '../contract/secrets/url-display.ts'
import { WrongUsage } from './arguments.ts'

export const tokenOptions = { token: { type: 'string' }, 'token-file': { type: 'string' } } as const

export const tokenHelp = `  --token-file F  an access token of your own for /api, from the first line of a file; or set UNJAM_TOKEN.
                  Letters, digits and - _ . ~; without one, a new token is made at every start
  --token T       the same on the command line, where every account on this computer can read it`

const MOST_BYTES = 4096
/** It travels in an address and as a WebSocket sub-protocol, which take no other characters. */
const TOKEN = /^[\w.~-]{1,200}$/

/**
 * Null when none is given. An option counts before UNJAM_TOKEN, which is removed from the environment: no process that
 * Unjam starts needs it. `warn` gets a sentence where others can read the token.
 */
export function accessToken(
  values: { readonly token?: string | undefined; readonly 'token-file'?: string | undefined },
  env: Record<string, string | undefined>,
  warn: (sentence: string) => void,
): string | null {
  const { token, 'token-file': file } = values
  const given = env.UNJAM_TOKEN
  delete env.UNJAM_TOKEN
  if (token !== undefined && file !== undefined) throw new WrongUsage('give --token-file or --token, not both')
  if (token !== undefined) {
    warn('Every account on this computer can read --token in the process list. Use --token-file or UNJAM_TOKEN.')
    return checked(token, '--token')
  }
  if (file !== undefined) return checked(fromFile(file, warn), `--token-file ${file}`)
  return given === undefined || given === '' ? null : checked(given, 'UNJAM_TOKEN')
}

function fromFile(file: string, warn: (sentence: string) => void): string {
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      warn(`Other accounts can read the token file ${file}. Run chmod 600 on it.`)
    return (
      beginning(file)
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/)[0]
        ?.trim() ?? ''
    )
  } catch (error) {
    throw new WrongUsage(`--token-file ${file} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** A token is short; a file without end, such as a device, must not fill the memory. */
function beginning(file: string): string {
  const opened = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(MOST_BYTES)
    return bytes.toString('utf8', 0, readSync(opened, bytes))
  } finally {
    closeSync(opened)
  }
}

/** The message never repeats the token. */
function checked(token: string, source: string): string {
  if (TOKEN.test(token)) return token
  throw new WrongUsage(`${source} must be 1 to 200 characters: letters, digits, - _ . or ~`)
}

/** A URL with a password among the arguments is in the process list; `env:NAME` is not. */
export function warnOfPassword(option: string, url: string | undefined, warn: (sentence: string) => void): void {
  if (url === undefined || passwordsIn(url).length === 0) return
  warn(`Every account on this computer can read the password of --${option} in the process list. Use env:NAME.`)
}
