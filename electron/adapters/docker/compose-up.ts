// `compose up --build` and `down` for a folder that Unjam has just written, line by line as they are printed.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { FailureError } from '../../contract/failure.ts'
import { type ComposeCli, findCompose, scrubbed } from './compose-cli.ts'
import { thisMachine } from './endpoint.ts'
import { createEngine } from './engine.ts'

export interface ComposeFolder {
  /** Builds and starts; rejects with the last lines when it does not come up. */
  up(folder: string, project: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Containers and networks go, volumes stay. */
  down(folder: string, project: string, signal: AbortSignal): Promise<void>
  /** The command as a person would type it. */
  command(folder: string, project: string): string
}

const TAIL = 5

export function composeFolder(docker?: string): ComposeFolder {
  async function run(
    folder: string,
    project: string,
    verb: readonly string[],
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const machine = thisMachine()
    const { endpoint } = await createEngine(docker ?? null, machine).facts(signal)
    const env = scrubbed(machine.environment, endpoint)
    const cli = await findCompose(env, signal)
    if (cli === null) throw failed('missing', project, 'this machine has no docker compose', 'Install Docker Compose.')
    const { code, tail } = await follow(cli, folder, project, verb, env, onLine, signal)
    if (code !== 0)
      throw failed('refused', project, tail.join('; ') || `compose ended with code ${code}`, 'Nothing of it was kept.')
  }

  return {
    up: (folder, project, onLine, signal) => run(folder, project, ['up', '-d', '--build'], onLine, signal),
    down: (folder, project, signal) => run(folder, project, ['down', '--remove-orphans'], () => undefined, signal),
    command: (folder, project) => `docker compose -p ${project} --project-directory ${folder} up -d --build`,
  }
}

async function follow(
  cli: ComposeCli,
  folder: string,
  project: string,
  verb: readonly string[],
  env: Record<string, string>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<{ code: number; tail: string[] }> {
  const [program = '', ...rest] = cli.program
  const child = spawn(program, [...rest, '-p', project, '--project-directory', folder, ...verb], {
    cwd: folder,
    env,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const tail: string[] = []
  const hear = (line: string) => {
    const text = line.trim()
    if (text === '') return
    tail.push(text.slice(0, 300))
    if (tail.length > TAIL) tail.shift()
    onLine(text.slice(0, 300))
  }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear)
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(failed('refused', project, error.message, null)))
    child.once('close', (exit) => resolve(exit ?? 1))
  })
  return { code, tail }
}

function failed(kind: 'missing' | 'refused', on: string, because: string, remedy: string | null): FailureError {
  return new FailureError({ kind, tried: 'Bring the stack up', on, because: because.replace(/\.$/, ''), remedy })
}
