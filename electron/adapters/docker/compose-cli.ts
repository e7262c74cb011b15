// The compose command: v2 (`docker compose`), else v1 (`docker-compose`), never through a shell, in an environment of its own.
import { execFile } from 'node:child_process'
import { FailureError } from '../../contract/failure.ts'
import type { Resolved } from './endpoint.ts'
import type { Layout } from './layout.ts'

export interface ComposeCli {
  /** `docker compose` or `docker-compose`. */
  readonly program: readonly string[]
  readonly version: string
  readonly major: number
  readonly minor: number
}

export interface Ran {
  readonly code: number
  readonly output: string
}

const ASK_MS = 10_000
const OUTPUT_BYTES = 2_000_000

/**
 * Variables that the commands need to find themselves and the engine. Everything else stays out: a
 * TASK_TIMEOUT_SECONDS of Unjam's own would beat the one in the .env file (practice guide §4.5).
 */
const KEPT =
  /^(PATH|PATHEXT|HOME|USERPROFILE|USERNAME|USER|SystemRoot|SystemDrive|windir|ComSpec|APPDATA|LOCALAPPDATA|ProgramData|ProgramFiles|ProgramW6432|TEMP|TMP|TMPDIR|LANG|SSH_AUTH_SOCK|DOCKER_CONFIG|XDG_RUNTIME_DIR)$/i

export function scrubbed(
  environment: Readonly<Record<string, string | undefined>>,
  { url, endpoint }: Resolved,
): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    KEPT.test(name) && value !== undefined ? [[name, value] as const] : [],
  )
  const tls = endpoint.kind === 'tcp' ? endpoint.tls : null
  return {
    ...Object.fromEntries(kept),
    DOCKER_HOST: url,
    ...(tls?.folder == null ? {} : { DOCKER_CERT_PATH: tls.folder }),
    // Any value verifies, the empty one included (docker/cli): for no verification it is left out.
    ...(tls?.verify ? { DOCKER_TLS_VERIFY: '1' } : {}),
    // v1 gives up on a slow stop after 60 s, v2 knows no such limit; the command has a deadline of its own.
    COMPOSE_HTTP_TIMEOUT: '86400',
  }
}

/** null when this machine has neither. */
export async function findCompose(env: Record<string, string>, signal: AbortSignal): Promise<ComposeCli | null> {
  for (const program of [['docker', 'compose'], ['docker-compose']]) {
    const ran = await run(
      [...program, 'version', '--short'],
      env,
      AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]),
    )
    const [, version, major, minor] = /v?((\d+)\.(\d+)[^\s]*)/.exec(ran?.code === 0 ? ran.output : '') ?? []
    if (version !== undefined) return { program, version, major: Number(major), minor: Number(minor) }
  }
  return null
}

/** Everything before the verb: which project, which files. */
export function projectArguments({ project, workingDir, configFiles, envFile, envFileNamed }: Layout): string[] {
  return [
    ...['-p', project, '--project-directory', workingDir],
    ...configFiles.flatMap((file) => ['-f', file]),
    ...(envFileNamed && envFile !== null ? ['--env-file', envFile] : []),
  ]
}

/**
 * `up` for exactly these services and nothing they depend on; `--pull` came with 2.20. Without `--wait`: of a container
 * that is being restarted it sees only now and then that it does not run, and may wait until its time is over.
 */
export function upArguments(
  { major, minor }: Pick<ComposeCli, 'major' | 'minor'>,
  services: readonly string[],
): string[] {
  const pull = major > 2 || (major === 2 && minor >= 20) ? ['--pull', 'never'] : []
  return ['up', '-d', '--no-deps', '--no-build', ...pull, ...services]
}

export function scaleArguments(service: string, replicas: number): string[] {
  return ['up', '-d', '--no-deps', '--no-build', '--no-recreate', '--scale', `${service}=${replicas}`, service]
}

/** Runs compose on a project; a code other than 0 is an answer, not an error. */
export async function compose(
  cli: ComposeCli,
  layout: Layout,
  verb: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Ran> {
  const ran = await run([...cli.program, ...projectArguments(layout), ...verb], env, signal)
  if (ran !== null) return ran
  throw new FailureError({
    kind: 'missing',
    tried: `Run ${cli.program.join(' ')} ${verb[0] ?? ''}`,
    on: layout.project,
    because: 'the command is no longer there',
    remedy: 'Install Docker Compose again, or restart Unjam to work without it.',
  })
}

/** null when there is no such program. */
function run(command: readonly string[], env: Record<string, string>, signal: AbortSignal): Promise<Ran | null> {
  const [program = '', ...rest] = command
  return new Promise((resolve, reject) => {
    const options = { env, signal, maxBuffer: OUTPUT_BYTES, windowsHide: true }
    execFile(program, rest, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim()
      if (error === null) resolve({ code: 0, output })
      else if (error.code === 'ENOENT') resolve(null)
      else if (typeof error.code === 'number') resolve({ code: error.code, output })
      else if (signal.aborted) reject(cut(command, signal))
      else resolve({ code: 1, output: output === '' ? error.message : output })
    })
  })
}

function cut(command: readonly string[], signal: AbortSignal): unknown {
  if (signal.reason instanceof FailureError) return signal.reason
  return new FailureError({
    kind: 'timeout',
    tried: `Run ${command.slice(0, 2).join(' ')}`,
    on: '',
    because: 'it did not end in time',
    remedy: 'Look at the services: what it had begun may still be going on.',
  })
}

/** What compose complained about: its last words that say something. */
export function complaint({ output, code }: Ran): string {
  const lines = output.split(/\r?\n/).map((line) => line.trim())
  const said = lines.filter(
    (line) =>
      line !== '' &&
      !/^(Container|Network|Volume|Creating|Recreating|Starting|Stopping)\b|^time=.*level=warning/.test(line),
  )
  return (said.slice(-3).join('; ') || `it ended with code ${code}`).slice(0, 500).replace(/\.$/, '')
}

/** As a person would type it: quoted only where it must be. */
export function typed(command: readonly string[]): string {
  return command.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`)).join(' ')
}
