// Runs initdb and pg_ctl: argv only, a small environment, the cluster's own account, never for longer than a deadline.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Account } from './embedded-postgres-account.ts'

export interface ToolRun {
  readonly native: string
  readonly account: Account
  /** The data folder; entered before root's rights are dropped. */
  readonly cwd: string
  readonly deadlineMs: number
  /** `ignore` for pg_ctl: the server inherits a pipe and the wait would never end (embedded-postgres#39). */
  readonly output: 'ignore' | 'read'
}

/**
 * How the data folder is named to Postgres. On Linux by the folder the process stands in: Postgres refuses root, the
 * account it is handed to may be unable to enter the path (/root, a 0700 folder), and opening up folders on the way
 * would loosen other people's rights. A folder entered as root stays usable after the rights are dropped. It also
 * keeps quotes and dollar signs of the path out of the shell line that pg_ctl builds.
 */
export function dataArgument(data: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : data
}

/** A file in the folder above `data`, named so that the account can open it. */
export function besideData(data: string, ...parts: string[]): string {
  return process.platform === 'linux' ? join('..', ...parts) : join(data, '..', ...parts)
}

/** Resolves with the exit code (null when ended at the deadline) and what it said. */
export function runTool(
  tool: 'initdb' | 'pg_ctl',
  args: readonly string[],
  { native, account, cwd, deadlineMs, output }: ToolRun,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(native, 'bin', process.platform === 'win32' ? `${tool}.exe` : tool), args, {
      ...(account ?? {}),
      cwd,
      env: toolEnvironment(),
      stdio: output === 'ignore' ? 'ignore' : ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let said = ''
    const keep = (text: string) => {
      said = (said + text).slice(-4000)
    }
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, said })
    })
  })
}

/** No PG* variable, locale or time zone of ours reaches the server; Windows programs need their system folders. */
export function toolEnvironment(): Record<string, string> {
  const kept = [
    'PATH',
    'SystemRoot',
    'SystemDrive',
    'TEMP',
    'TMP',
    'ComSpec',
    'USERNAME',
    'USERPROFILE',
    'LD_LIBRARY_PATH',
  ]
  const env: Record<string, string> = { LC_ALL: 'C', TZ: 'UTC' }
  for (const name of kept) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
