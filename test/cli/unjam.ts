// Runs `unjam` as a script does: a real process, its stdout parsed as one JSON document.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import type * as z from 'zod'

const root = join(import.meta.dirname, '../..')

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `unjam ARGS`, without anything added. */
export function unjam(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'electron/unjam.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })))
}

/** `unjam ARGS --data DIR --json`, expected to end with `code` and to print one document of this shape. */
export async function json<T>(
  dataDir: string,
  args: readonly string[],
  shape: z.ZodType<T>,
  code: number | readonly number[] = 0,
): Promise<T> {
  const ran = await unjam(['--data', dataDir, '--json', ...args])
  const wanted = typeof code === 'number' ? [code] : code
  expect(wanted, `unjam ${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
  // JSON.parse refuses anything before, after or between: stdout is exactly one document.
  return shape.parse(JSON.parse(ran.stdout))
}
