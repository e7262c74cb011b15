// Both compose commands, so that tests can choose: v1 of Debian bookworm, and v2 from one package of the next release.
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'

export type ComposeVersion = 'v1' | 'v2'

/** Where `npm test` keeps the v2 plugin between runs (test/engines.mjs). */
const ownConfig = join(homedir(), '.cache', 'unjam-tests', 'docker')

/** DOCKER_CONFIG under which `docker compose` is v2: the environment's, the machine's own (undefined), or ours. */
function v2Config(): { config: string | undefined } | null {
  for (const config of [process.env.UNJAM_DOCKER_CONFIG, undefined, ownConfig]) {
    const env = config === undefined ? process.env : { ...process.env, DOCKER_CONFIG: config }
    if (spawnSync('docker', ['compose', 'version'], { env }).status === 0) return { config }
  }
  return null
}

/** The command's first words and what it needs in its environment, or null when it is not here. */
export function composeCli(version: ComposeVersion): { command: readonly string[]; env: NodeJS.ProcessEnv } | null {
  if (version === 'v1')
    return spawnSync('docker-compose', ['version']).status === 0 ? { command: ['docker-compose'], env: {} } : null
  const found = v2Config()
  if (found === null) return null
  return {
    command: ['docker', 'compose'],
    env: found.config === undefined ? {} : { DOCKER_CONFIG: found.config },
  }
}
