// What a stack's .env says, beside what its running containers have: the drift that a plain restart leaves.
import type { EnvState } from '../contract/service.ts'
import type { EnvFile, Stack } from './ports.ts'

/** Reads the file and the containers; secrets are masked in what is returned. */
export async function readEnvState(_env: EnvFile, _stack: Stack | null, _signal: AbortSignal): Promise<EnvState> {
  throw new Error('not yet')
}

/** TASK_TIMEOUT_SECONDS of the running containers, else of the file; null is no limit (runbook 1: omitted or 0). */
export function taskTimeoutMs(_state: EnvState): number | null {
  return null
}
