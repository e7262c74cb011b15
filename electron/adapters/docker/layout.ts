// Where a project's files are, as its newest container's labels say, and whether that is on this machine.
import { existsSync } from 'node:fs'
import { FailureError } from '../../contract/failure.ts'
import { checkListed } from './answer-shapes.ts'
import type { Container } from './container.ts'
import type { Engine } from './engine.ts'
import { composeLabels, hereAs, resolveIn } from './labels.ts'

export interface Layout {
  readonly project: string
  /** Paths on this machine where they are here, else as compose saw them. */
  readonly workingDir: string
  readonly configFiles: readonly string[]
  readonly envFile: string | null
  /** `--env-file` was used, or the settings name one: the compose command must be told. */
  readonly envFileNamed: boolean
  readonly filesHere: boolean
}

/**
 * @param envFile of the settings: beats what the labels say.
 * @param distributions of WSL on this machine, for stacks that were started in one.
 */
export function layoutOf(
  containers: readonly Container[],
  project: string,
  envFile: string | null,
  distributions: readonly string[] = [],
): Layout {
  const newest = [...containers].sort((a, b) => (a.inspect.Created < b.inspect.Created ? 1 : -1))[0]
  if (newest === undefined)
    throw new FailureError({
      kind: 'missing',
      tried: 'Read the stack',
      on: project,
      because: 'no container of that compose project exists on this engine',
      remedy: 'Start it with docker compose up -d, or choose another project in the settings.',
    })
  const { workingDir, configFiles, envFile: named } = newest.compose
  const here = (path: string) => hereAs(path, process.platform, existsSync, distributions)
  const files = configFiles.map(here)
  const filesHere = files.length > 0 && files.every((file) => file !== null)
  const env = envFile ?? named ?? resolveIn(workingDir, '.env')
  return {
    project,
    workingDir: here(workingDir) ?? workingDir,
    configFiles: configFiles.map((file) => here(file) ?? file),
    envFile: here(env) ?? (filesHere || envFile !== null || named !== null ? env : null),
    envFileNamed: envFile !== null || named !== null,
    filesHere,
  }
}

/** The project of the settings, or the only one there is. */
export async function chooseProject(engine: Engine, setting: string | null, signal: AbortSignal): Promise<string> {
  if (setting !== null) return setting
  const projects = await listProjects(engine, signal)
  const [only] = projects
  if (only !== undefined && projects.length === 1) return only
  throw new FailureError({
    kind: projects.length === 0 ? 'missing' : 'invalid',
    tried: 'Find the compose project',
    on: (await engine.facts(signal)).endpoint.url,
    because: projects.length === 0 ? 'this engine runs none' : `several exist: ${projects.join(', ')}`,
    remedy:
      projects.length === 0
        ? 'Start the stack with docker compose up -d.'
        : 'Name one of them in the settings (stack.project).',
  })
}

export async function listProjects(engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  return engine.ask({ tried: 'List the compose projects', signal }, async (docker, abortSignal) => {
    const all = checkListed(await docker.listContainers({ all: true, abortSignal }))
    return [...new Set(all.flatMap(({ Labels }) => composeLabels(Labels)?.project ?? []))].sort()
  })
}
