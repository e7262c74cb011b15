// A real `unjam serve` on a data directory of its own, for tests that use the app as a person does.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../..')
/** Of the link and of /api, so that a test can ask both. */
export const TOKEN = 'e2e-token'

export interface ServingHost {
  /** With its one-time token: opens the app once. */
  readonly url: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything it has written to stdout and stderr. */
  output(): string
  /** Another one-time link: each signs in one browser. */
  link(): Promise<string>
  /** `GET /api/PATH` with the bearer token. */
  api(path: string): Promise<unknown>
  /** Runs `unjam ARGS --data DIR --json` against it and gives the parsed document and the exit code. */
  unjam(...args: string[]): Promise<{ code: number; json: unknown; stderr: string }>
  /** SIGTERM, the end of the process, and the data directory gone. */
  stop(): Promise<void>
}

/** A fresh data directory under the temp folder, with these settings written before anything starts. */
export function freshDataDir(settings: object = {}): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'unjam-e2e-'))
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(settings, null, 2))
  return dataDir
}

export async function runUnjam(
  dataDir: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'electron/unjam.mjs'), ...args, '--data', dataDir], { cwd: root })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)))
  return { code, stdout, stderr }
}

/** Starts `unjam serve` and resolves when it has printed its address. */
export async function serveApp(
  options: { dataDir?: string; settings?: object; port?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ServingHost> {
  const dataDir = options.dataDir ?? freshDataDir(options.settings)
  const child = spawn(
    process.execPath,
    [join(root, 'electron/unjam.mjs'), 'serve', '--port', options.port ?? '0', '--data', dataDir],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, UNJAM_TOKEN: TOKEN, ...options.env },
    },
  )
  let errors = ''
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
    output += text
  })
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [found] = /http:\/\/\S+/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('close', (code) =>
      reject(new Error(`serve ended with ${code} before it printed its address:\n${errors}`)),
    )
  })
  const { origin } = new URL(url)
  return {
    url,
    dataDir,
    process: child,
    output: () => output,
    async link() {
      const { url: fresh } = (await ask(origin, '/link', 'POST')) as { url: string }
      return fresh
    },
    api: (path) => ask(origin, `/api${path}`, 'GET'),
    async unjam(...args) {
      const { code, stdout, stderr } = await runUnjam(dataDir, [...args, '--json'])
      return { code, json: stdout.trim() === '' ? null : JSON.parse(stdout), stderr }
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('close', resolve))
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await gone
      }
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function ask(origin: string, path: string, method: 'GET' | 'POST'): Promise<unknown> {
  const response = await fetch(`${origin}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}
