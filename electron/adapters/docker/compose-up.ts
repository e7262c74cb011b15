// A compose project that Unjam has just written: whether its name is free, `up --build` line by line, and `down`.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { FailureError } from '../../contract/failure.ts'
import { type ComposeCli, findCompose, scrubbed } from './compose-cli.ts'
import { thisMachine } from './endpoint.ts'
import { createEngine, type Engine } from './engine.ts'

export interface ComposeFolder {
  /** Builds and starts; rejects with the last lines when it does not come up. */
  up(folder: string, project: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  down(folder: string, project: string, volumes: 'with volumes' | 'volumes stay', signal: AbortSignal): Promise<void>
  /** What the engine has of a project of that name, stopped or running, in words; compose would take it for its own. */
  existing(project: string, signal: AbortSignal): Promise<readonly string[]>
  /** The command as a person would type it. */
  command(folder: string, project: string): string
}

const TAIL = 5
/** What a step says that goes on or went well: no reason why another one did not. */
const PROGRESS = /(?:Pulling|Pulled|Building|Built|Creating|Created|Starting|Started|Waiting|Running|Healthy)$/

/** On the engine that the docker command of this environment finds. */
export function composeFolder(environment: Readonly<Record<string, string | undefined>> = process.env): ComposeFolder {
  const machine = { ...thisMachine(), environment }
  const engine = createEngine(null, machine)

  async function run(
    folder: string,
    project: string,
    verb: readonly string[],
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { endpoint } = await engine.facts(signal)
    const env = scrubbed(machine.environment, endpoint)
    const cli = await findCompose(env, signal)
    if (cli === null) throw failed('missing', project, 'this machine has no docker compose', 'Install Docker Compose.')
    const { code, tail } = await follow(cli, folder, project, verb, env, onLine, signal)
    if (code !== 0)
      throw failed('refused', project, tail.join('; ') || `compose ended with code ${code}`, 'Nothing of it was kept.')
  }

  return {
    up: (folder, project, onLine, signal) => run(folder, project, ['up', '-d', '--build'], onLine, signal),
    down: (folder, project, volumes, signal) =>
      run(
        folder,
        project,
        ['down', '--remove-orphans', ...(volumes === 'with volumes' ? ['--volumes'] : [])],
        () => undefined,
        signal,
      ),
    existing: (project, signal) => existing(engine, project, signal),
    command: (folder, project) => `docker compose -p ${project} --project-directory ${folder} up -d --build`,
  }
}

async function existing(engine: Engine, project: string, signal: AbortSignal): Promise<string[]> {
  const filters = { label: [`com.docker.compose.project=${project}`] }
  return engine.ask({ tried: 'Look for the project', signal }, async (docker, abortSignal) => {
    const containers = await docker.listContainers({ all: true, filters, abortSignal })
    const { Volumes } = await docker.listVolumes({ filters, abortSignal })
    return [
      ...containers.map(({ Id, Names }) => `the container ${Names[0]?.slice(1) ?? Id}`),
      // null of an engine that has none.
      ...(Volumes ?? []).map(({ Name }) => `the volume ${Name}`),
    ]
  })
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
    if (!PROGRESS.test(text)) tail.push(text.slice(0, 300))
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
