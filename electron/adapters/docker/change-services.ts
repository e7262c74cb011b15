// Changes of services: start, stop and restart exactly the containers there are; scale and recreate through compose where it can.
import { FailureError } from '../../contract/failure.ts'
import type { Recreated, Stack } from '../../core/ports/stack.ts'
import type { Access, ComposeAccess } from './compose-access.ts'
import {
  type ComposeCli,
  complaint,
  compose,
  projectArguments,
  scaleArguments,
  typed,
  upArguments,
} from './compose-cli.ts'
import { type Container, graceMs, ofService } from './container.ts'
import type { Engine } from './engine.ts'
import { definitionsOf, valuesOf } from './files-here.ts'
import { overlay } from './overlay.ts'
import type { Earlier, Recovery } from './recover.ts'
import { recreateByCompose } from './recreate-by-compose.ts'
import { recreateByEngine } from './recreate-by-engine.ts'
import type { Journal } from './recreate-journal.ts'
import { splitReplicas } from './replicas.ts'
import { canScale } from './scalable.ts'
import { dockerCommand } from './service-row.ts'
import { staysUp } from './verify.ts'

/** Beside the grace period of a container, in which a worker may end its job. */
const STOP_MS = 60_000
const SCALE_MS = 5 * 60_000
/** What a program that cannot run needs to fall over. */
const STANDS_MS = 1000

export interface ChangesOptions {
  readonly engine: Engine
  readonly access: ComposeAccess
  readonly journal: Journal
  readonly recovery: Recovery
  readonly settleMs: number
}

type Changes = Pick<
  Stack,
  'start' | 'stop' | 'restart' | 'scalable' | 'scale' | 'recreate' | 'command' | 'scaleCommand'
>
type Verb = 'start' | 'stop' | 'restart'

export function createChanges({ engine, access, journal, recovery, settleMs }: ChangesOptions): Changes {
  /**
   * By the engine, not by `docker compose start`: that starts what the service depends on as well (seen with 2.26), and
   * an action touches what its preview named and nothing else.
   */
  async function each(verb: Verb, service: string, signal: AbortSignal): Promise<void> {
    const { containers } = await access.read(signal)
    const tried = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${service}`
    const all = ofService(containers, service, tried)
    // A leftover of an interrupted replacement would be a second worker.
    await Promise.all(
      (verb === 'stop' ? all : splitReplicas(all).replicas).map(async ({ id, name, inspect }) => {
        const { Running, Paused } = inspect.State
        if (verb === 'start' && Running && !Paused) return
        await engine.ask({ tried, signal, ms: graceMs(inspect) + STOP_MS }, async (docker, abortSignal) => {
          const container = docker.getContainer(id)
          if (verb === 'stop') await unlessDone(container.stop({ abortSignal }))
          else if (verb === 'start' && Paused) await container.unpause({ abortSignal })
          else if (verb === 'start') await unlessDone(container.start({ abortSignal }))
          else await container.restart({ abortSignal })
        })
        // What its check said while it was held says nothing of it now.
        if (verb === 'stop' || (verb === 'start' && Paused)) return
        const trouble = await staysUp(engine, id, { settleMs: Math.min(STANDS_MS, settleMs), health: false }, signal)
        if (trouble === null) return
        throw new FailureError({ kind: 'refused', tried, on: name, because: trouble, remedy: 'Its log says more.' })
      }),
    )
  }

  async function scale(service: string, replicas: number, signal: AbortSignal): Promise<{ from: number; to: number }> {
    const read = await access.read(signal)
    const tried = `Scale ${service}`
    const before = read.containers.filter((one) => one.compose.service === service)
    const from = running(before)
    const { cli, layout, env } = usable(read, tried)
    const longest = graceMs(...before.map(({ inspect }) => inspect)) + SCALE_MS
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(longest)])
    const ran = await compose(cli, layout, scaleArguments(service, replicas), env, bounded)
    const to = running((await access.read(signal)).containers.filter((one) => one.compose.service === service))
    if (ran.code === 0 && to === replicas) return { from, to }
    const because = ran.code === 0 ? `${to} of ${replicas} replicas run` : complaint(ran)
    throw new FailureError({
      kind: 'refused',
      tried,
      on: service,
      because,
      remedy: 'Check its containers and their logs.',
    })
  }

  async function recreate(
    services: readonly string[],
    changes: Readonly<Record<string, string | null>>,
    earlier: Earlier,
    signal: AbortSignal,
  ): Promise<Recreated> {
    const read = await access.read(signal)
    const { layout, containers, cli, env } = read
    for (const service of services) ofService(containers, service, `Recreate ${service}`)
    const replicas = splitReplicas(containers.filter(({ compose }) => services.includes(compose.service))).replicas
    const runs = (one: Container) => one.inspect.State.Running || earlier.ran(one)
    const composed =
      cli === null || !layout.filesHere ? [] : services.filter((service) => byCompose(cli, replicas, service, runs))
    const others = replicas.filter(({ compose }) => !composed.includes(compose.service))
    const first = others.length === 0 ? null : await throughEngine(others)
    if (cli === null || composed.length === 0 || first?.ok === false) return first ?? NOTHING
    const then = await recreateByCompose(
      { engine, journal, cli, layout, env, services: composed, runs, settleMs },
      signal,
    )
    if (first === null) return then
    return then.ok ? { ...then, notes: [...first.notes, ...then.notes] } : { ...then, rolledBack: false }

    async function throughEngine(some: readonly Container[]): Promise<Recreated> {
      const known = await definitionsOf(layout)
      const file = await valuesOf(layout.envFile)
      const wanted = some.map((container) => {
        const { service } = container.compose
        const over = overlay(service, container.inspect.Config.Env ?? [], known?.get(service) ?? null, changes, file)
        return { container, runs: runs(container), ...over }
      })
      const notes = [...new Set(wanted.flatMap((one) => one.notes))]
      return recreateByEngine({ engine, journal, project: layout.project, containers, wanted, notes, settleMs }, signal)
    }
  }

  function change(verb: Verb, service: string, signal: AbortSignal): Promise<void> {
    return recovery.change([service], signal, async (earlier) => {
      await each(verb, service, signal)
      await earlier.forget()
    })
  }

  return {
    start: (service, signal) => change('start', service, signal),
    stop: (service, signal) => change('stop', service, signal),
    restart: (service, signal) => change('restart', service, signal),

    async scalable(service, signal) {
      const read = await access.read(signal)
      return canScale(
        read,
        ofService(read.containers, service, `Scale ${service}`),
        service,
        await definitionsOf(read.layout),
      )
    },

    scale: (service, replicas, signal) => recovery.change([service], signal, () => scale(service, replicas, signal)),

    recreate: (services, changes, signal) =>
      recovery.change(services, signal, async (earlier) => {
        const outcome = await recreate(services, changes, earlier, signal)
        if (outcome.ok) await earlier.forget()
        return outcome
      }),

    command(verb, services) {
      const read = access.last()
      if (read === null) return typed(['docker', 'compose', verb === 'recreate' ? 'up' : verb, ...services])
      if (verb !== 'recreate') {
        const theirs = read.containers.filter(({ compose }) => services.includes(compose.service))
        const paused = verb === 'start' ? theirs.filter(({ inspect }) => inspect.State.Paused) : []
        const others = theirs.filter((one) => !paused.includes(one))
        const line = (word: string, some: readonly Container[]) =>
          some.length === 0 ? [] : [`${dockerCommand(read.endpoint)} ${typed([word, ...some.map(({ name }) => name)])}`]
        return [...line('unpause', paused), ...line(verb, others)].join('\n')
      }
      if (read.cli !== null && read.layout.filesHere)
        return line(read.cli, read, upArguments(read.cli, countsOf(read.containers, services)))
      return `# no compose command here: Unjam replaces ${services.join(', ')} through the engine, as this would:\n${typed(['docker', 'compose', ...projectArguments(read.layout), 'up', '-d', '--no-deps', ...services])}`
    },

    scaleCommand(service, replicas) {
      const read = access.last()
      const verb = scaleArguments(service, replicas)
      return read?.cli == null ? typed(['docker', 'compose', ...verb]) : line(read.cli, read, verb)
    },
  }
}

const NOTHING: Recreated = { ok: true, way: 'compose', notes: [] }

/** v1 cannot create without a start: it attaches to what it created and never ends. */
function byCompose(
  { major }: ComposeCli,
  replicas: readonly Container[],
  service: string,
  runs: (one: Container) => boolean,
): boolean {
  return major >= 2 || replicas.filter(({ compose }) => compose.service === service).every(runs)
}

function countsOf(containers: readonly Container[], services: readonly string[]): ReadonlyMap<string, number> {
  const { replicas } = splitReplicas(containers)
  const count = (service: string) => replicas.filter(({ compose }) => compose.service === service).length
  return new Map(services.map((service) => [service, count(service)]))
}

function line(cli: ComposeCli, { layout }: Access, verb: readonly string[]): string {
  return typed([...cli.program, ...projectArguments(layout), ...verb])
}

function running(containers: readonly Container[]): number {
  return containers.filter(({ inspect }) => inspect.State.Running).length
}

function usable({ cli, layout, env }: Access, tried: string) {
  if (cli !== null && layout.filesHere) return { cli, layout, env }
  throw new FailureError({
    kind: 'unsupported',
    tried,
    on: layout.project,
    because:
      cli === null ? 'there is no docker compose command on this machine' : 'its compose files are not on this machine',
    remedy: `Run it where they are: docker compose -p ${layout.project} up -d --scale …`,
  })
}

/** 304: it is in that state already, which is what was wanted. */
async function unlessDone(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 304)) throw error
  }
}
