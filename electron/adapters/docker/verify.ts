// Whether a container that was just started stays: running without a restart, and healthy where it says how to tell.
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-failure.ts'

const POLL_MS = 250
const NANOS_PER_MS = 1e6
/** Beyond what its own health check asks for: a busy host is slow, not broken. */
const MARGIN_MS = 30_000
const LONGEST_MS = 10 * 60_000

export interface Patience {
  /** How long a container without a health check must run; the practice guide's 10 s unless tests are in a hurry. */
  readonly settleMs: number
  /** false: running is enough, whatever its health check will say. */
  readonly health?: boolean
}

/** null when it stays, else why not: a clause about "it". */
export async function staysUp(
  engine: Engine,
  id: string,
  { settleMs, health: byHealth = true }: Patience,
  signal: AbortSignal,
): Promise<string | null> {
  const begun = performance.now()
  let first: Docker.ContainerInspectInfo | null = null
  for (;;) {
    const now = await look(engine, id, signal)
    if (now === null) return 'it was removed'
    first ??= now
    const trouble = troubleOf(now, first.RestartCount)
    if (trouble !== null) return trouble
    const waited = performance.now() - begun
    const health = now.State.Health?.Status
    const checked = byHealth && health !== undefined && health !== 'none'
    if (checked ? health === 'healthy' : waited >= settleMs) return null
    if (checked && waited > patienceOf(now))
      return `it did not become healthy within ${Math.round(waited / 1000)} s${outputOf(now)}`
    await delay(POLL_MS, undefined, { signal })
  }
}

async function look(engine: Engine, id: string, signal: AbortSignal): Promise<Docker.ContainerInspectInfo | null> {
  try {
    return await engine.ask({ tried: 'Look whether it stays up', signal }, (docker, abortSignal) =>
      docker.getContainer(id).inspect({ abortSignal }),
    )
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function troubleOf(info: Docker.ContainerInspectInfo, restarts: number): string | null {
  const { State, RestartCount } = info
  const code = `code ${State.ExitCode}${State.OOMKilled ? ' (out of memory)' : ''}`
  if (State.Restarting) return `it ended with ${code} and is being restarted`
  // It runs again at this moment, so the engine no longer says how it ended.
  if (RestartCount > restarts) return 'it ended soon after its start and is being restarted'
  if (State.Status === 'exited' || State.Status === 'dead')
    return State.Error === undefined || State.Error === '' ? `it ended with ${code}` : State.Error.replace(/\.$/, '')
  if (State.Health?.Status === 'unhealthy') return `its health check fails${outputOf(info)}`
  return null
}

function outputOf({ State }: Docker.ContainerInspectInfo): string {
  const output = State.Health?.Log?.at(-1)?.Output?.trim().slice(0, 300)
  return output === undefined || output === '' ? '' : `: ${output.replace(/\.$/, '')}`
}

/** Its start period, then as many failing checks as it allows itself. */
function patienceOf({ Config }: Docker.ContainerInspectInfo): number {
  const { StartPeriod = 0, Interval = 30e9, Timeout = 30e9, Retries = 3 } = Config.Healthcheck ?? {}
  const checks = (Retries || 3) * ((Interval || 30e9) + (Timeout || 30e9))
  return Math.min(LONGEST_MS, (StartPeriod + checks) / NANOS_PER_MS + MARGIN_MS)
}
