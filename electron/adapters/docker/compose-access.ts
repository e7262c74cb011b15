// Whether changes can go through the compose command: it is installed, and the project's files are on this machine.
import { type ComposeCli, findCompose, scrubbed } from './compose-cli.ts'
import { type Container, readContainers } from './container.ts'
import type { Resolved } from './endpoint.ts'
import type { Engine } from './engine.ts'
import { type Layout, layoutOf } from './layout.ts'
import { wslDistributions } from './wsl.ts'

/** Somebody may install it while Unjam runs. */
const FORGET_CLI_MS = 5 * 60_000

export interface Access {
  readonly endpoint: Resolved
  readonly containers: readonly Container[]
  readonly layout: Layout
  /** What is installed, whether or not it can be used here. */
  readonly cli: ComposeCli | null
  /** For the compose command: nothing of Unjam's own environment that could beat the .env. */
  readonly env: Record<string, string>
}

export interface ComposeAccess {
  read(signal: AbortSignal): Promise<Access>
  /** As it was read last; null before that. For texts that cannot wait. */
  last(): Access | null
}

export interface AccessOptions {
  readonly engine: Engine
  project(signal: AbortSignal): Promise<string>
  readonly envFile: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
}

export function createComposeAccess({ engine, project, envFile, environment }: AccessOptions): ComposeAccess {
  let last: Access | null = null
  const distributions = wslDistributions()
  let found: { cli: ComposeCli | null; at: number } | null = null

  async function cliOf(env: Record<string, string>, signal: AbortSignal): Promise<ComposeCli | null> {
    if (found === null || performance.now() - found.at > FORGET_CLI_MS)
      found = { cli: await findCompose(env, signal), at: performance.now() }
    return found.cli
  }

  return {
    last: () => last,
    async read(signal) {
      const name = await project(signal)
      const containers = await readContainers(engine, name, signal)
      // Where the files are is still true when every container is gone.
      const layout =
        containers.length === 0 && last?.layout.project === name
          ? last.layout
          : layoutOf(containers, name, envFile, await distributions)
      const { endpoint } = await engine.facts(signal)
      const env = scrubbed(environment, endpoint)
      last = { endpoint, containers, layout, cli: await cliOf(env, signal), env }
      return last
    },
  }
}
