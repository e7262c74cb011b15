// The compose command: v2 (`docker compose`), else v1 (`docker-compose`), never through a shell, in an environment of its own.
import { execFile } from 'node:child_process'
import { FailureError } from '../../contract/failure.ts'
import { type ComposeProcess, type Ended, runDetached } from './compose-child.ts'
import type { Resolved } from './endpoint.ts'
import type { Layout } from './layout.ts'

export interface ComposeCli {
  /** `docker compose` or `docker-compose`. */
  readonly program: readonly string[]
  readonly version: string
  readonly major: number
  readonly minor: number
}

const ASK_MS = 10_000

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
    const answer = await versionOf(program, env, AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]))
    const [, version, major, minor] = /v?((\d+)\.(\d+)[^\s]*)/.exec(answer) ?? []
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
 * @param replicas containers of each service: without `--scale`, `up` removes those that the file does not ask for.
 * @param start false: new containers are created only. v2 only: v1 then attaches to them and never ends (seen with 1.29).
 */
export function upArguments(
  { major, minor }: Pick<ComposeCli, 'major' | 'minor'>,
  replicas: ReadonlyMap<string, number>,
  start = true,
): string[] {
  const pull = major > 2 || (major === 2 && minor >= 20) ? ['--pull', 'never'] : []
  const scale = [...replicas].flatMap(([service, count]) => ['--scale', `${service}=${count}`])
  return ['up', start ? '-d' : '--no-start', '--no-deps', '--no-build', ...pull, ...scale, ...replicas.keys()]
}

export function scaleArguments(service: string, replicas: number): string[] {
  return ['up', '-d', '--no-deps', '--no-build', '--no-recreate', '--scale', `${service}=${replicas}`, service]
}

/**
 * Runs compose on a project; a code other than 0 is an answer, not an error.
 * @param started receives the process before anything else happens.
 */
export async function compose(
  cli: ComposeCli,
  layout: Layout,
  verb: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
  started: (child: ComposeProcess) => Promise<void> = async () => undefined,
): Promise<Ended> {
  const command = [...cli.program, ...projectArguments(layout), ...verb]
  if (signal.aborted) throw cut(command, signal)
  const ran = await runDetached(command, env, signal, started)
  if (signal.aborted && ran?.code !== 0) throw cut(command, signal)
  if (ran !== null) return ran
  throw new FailureError({
    kind: 'missing',
    tried: `Run ${cli.program.join(' ')} ${verb[0] ?? ''}`,
    on: layout.project,
    because: 'the command is no longer there',
    remedy: 'Install Docker Compose again, or restart Unjam to work without it.',
  })
}

/** What `version` answers; empty when there is no such program, or it has no such command. */
function versionOf(program: readonly string[], env: Record<string, string>, signal: AbortSignal): Promise<string> {
  const [file = '', ...rest] = program
  const command = [...rest, 'version', '--short']
  return new Promise((resolve, reject) => {
    execFile(file, command, { env, signal, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`.trim())
      else if (signal.aborted) reject(cut([...program, 'version'], signal))
      else resolve('')
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
    remedy: 'Check the services: it may have changed some of them.',
  })
}

/** What compose complained about: its last words that say something. */
export function complaint({ output, code }: Ended): string {
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
