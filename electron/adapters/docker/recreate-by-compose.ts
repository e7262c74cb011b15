// Recreate through the compose command (practice guide §4.5, way A): it applies every file, and knows no way back.
import type { Recreated } from '../../core/ports/stack.ts'
import { type ComposeCli, complaint, compose, upArguments } from './compose-cli.ts'
import { type Container, graceMs, readContainers } from './container.ts'
import type { Engine } from './engine.ts'
import type { Layout } from './layout.ts'
import { tailOf } from './logs.ts'
import { type Patience, staysUp } from './verify.ts'

/**
 * Beside the grace period of what it stops; whether the new one stays up is asked afterwards. Cut off in between, compose
 * leaves no container that runs: the old one ends all the same, and the new one was only created (seen with 2.26).
 */
const UP_MS = 5 * 60_000
const LOG_LINES = 200

export interface ComposeRecreate extends Patience {
  readonly engine: Engine
  readonly cli: ComposeCli
  readonly layout: Layout
  readonly env: Record<string, string>
  readonly services: readonly string[]
}

export async function recreateByCompose(options: ComposeRecreate, signal: AbortSignal): Promise<Recreated> {
  const { engine, cli, layout, env, services } = options
  const ours = async () =>
    (await readContainers(engine, layout.project, signal)).filter(({ compose }) => services.includes(compose.service))
  const old = await ours()
  const up = upArguments(cli, services)
  const upMs = graceMs(...old.map(({ inspect }) => inspect)) + UP_MS
  const ran = await compose(cli, layout, up, env, AbortSignal.any([signal, AbortSignal.timeout(upMs)]))
  const now = await ours()
  const known = new Set(old.map(({ id }) => id))
  const fresh = now.filter(({ id }) => !known.has(id))
  for (const container of fresh) {
    const trouble = await staysUp(engine, container.id, options, signal)
    if (trouble !== null) return failed(container, `${container.name}: ${trouble}`)
  }
  if (ran.code !== 0) return failed(fresh[0] ?? null, complaint(ran))
  return { ok: true, way: 'compose', notes: unchanged(services, fresh) }

  async function failed(container: Container | null, because: string): Promise<Recreated> {
    const log = container === null ? [] : await tailOf(engine, container.id, LOG_LINES, signal).catch(() => [])
    return { ok: false, way: 'compose', because, log, rolledBack: stillThere(old, now) }
  }
}

/** Compose gave up before it touched anything: the old containers are where they were. */
function stillThere(old: readonly Container[], now: readonly Container[]): boolean {
  const running = new Map(now.map(({ id, inspect }) => [id, inspect.State.Running]))
  return old.every(({ id, inspect }) => running.has(id) && (running.get(id) === true || !inspect.State.Running))
}

function unchanged(services: readonly string[], fresh: readonly Container[]): string[] {
  const made = new Set(fresh.map(({ compose }) => compose.service))
  return services
    .filter((service) => !made.has(service))
    .map((service) => `${service}: compose found nothing that changed, so its containers stayed.`)
}
