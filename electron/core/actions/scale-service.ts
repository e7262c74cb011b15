// More or fewer replicas of one service: runbook 0's second worker, so that short jobs pass a long one.
import * as z from 'zod'
import type { Service } from '../../contract/service.ts'
import { needed } from '../missing-part.ts'
import { count, listed, plural } from '../wording.ts'
import type { Action, Done, Frozen, World } from './action.ts'
import { aboutJobs, isUp, itemOf, jobsOn, namesOf, SERVICE_WRITE_MS } from './frozen-service.ts'
import { invalid, refuse } from './refuse.ts'

const MOST = 50
const TRIED = 'Scale a service'

export interface ScalePlan extends Frozen {
  readonly service: string
  readonly from: number
  readonly to: number
  /** The replicas that would go: those with the highest numbers. */
  readonly going: readonly Service[]
  /** How many are created. */
  readonly adding: number
  /** Containers of it that stay and do not run now: compose starts them. */
  readonly starting: readonly Service[]
  readonly jobs: readonly string[] | null
  readonly command: string
}

export const scaleService: Action<ScalePlan> = {
  id: 'scale-service',
  target: 'service',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['stack'],
  writeMs: SERVICE_WRITE_MS,
  params: ['service', 'replicas'],
  offer: () => ({ title: TRIED, blocked: null }),
  async plan(request, world) {
    const stack = needed(world.system, 'stack', TRIED)
    const all = await stack.services(world.signal)
    const [service = '', second] = namesOf(request, all, TRIED)
    if (second !== undefined) throw invalid(TRIED, `${service}, ${second}`, 'it scales one service at a time')
    const to = replicasOf(request.params.replicas, service)
    const containers = all.filter((one) => one.service === service)
    const from = containers.filter(isUp).length
    if (from === to) throw refuse(TRIED, service, `${count(to, 'replica')} of it ${plural(to, 'runs', 'run')} already`)
    const gone = going(containers, to)
    const can = await stack.scalable(service, world.signal)
    if (!can.can) throw refuse(TRIED, service, can.because)
    return {
      items: containers.map(itemOf),
      count: Math.abs(to - from),
      service,
      from,
      to,
      going: gone,
      adding: Math.max(0, to - containers.length),
      starting: containers.filter((one) => !gone.includes(one) && !isUp(one)),
      jobs: await jobsOn(gone, all, world),
      command: stack.scaleCommand(service, to),
    }
  },
  preview({ service, from, to, going, adding, starting, jobs, command }) {
    const more = to > from
    return {
      title: `Scale ${service} to ${to}`,
      summary: [
        ...(adding === 0
          ? []
          : [
              `${count(adding, 'container')} of ${service} ${plural(adding, 'is', 'are')} added to the ${from} that ${plural(from, 'runs', 'run')}.`,
            ]),
        ...(going.length === 0 ? [] : [removed(service, going.length, to)]),
        ...(starting.length === 0
          ? []
          : [
              `${listed(starting.map(({ container }) => container))} ${plural(starting.length, 'is', 'are')} stopped now and will run afterwards.`,
            ]),
      ].join(' '),
      notTouched: [
        more ? 'Replicas that run, and their jobs' : 'Replicas that stay, and their jobs',
        'Other services',
        'The compose files',
      ],
      know: [
        ...(going.length === 0 ? [] : aboutJobs(jobs, going)),
        ...(to === 0 ? [`Nothing does the work of ${service} until it is scaled up again.`] : []),
        'The next plain “docker compose up” goes back to what the compose file says (deploy.replicas, else 1).',
      ],
      command,
      undo: `Undo scales ${service} back to ${from}.`,
      confirm: confirm(adding, going.length, starting.length),
    }
  },
  async execute({ service, from, to, items }, world, operation) {
    operation.record({ service, from, to, containers: items.map(({ id }) => id) })
    const scaled = await needed(world.system, 'stack', TRIED).scale(service, to, world.signal)
    return scaledDone(service, scaled.from, scaled.to)
  },
  /** What is half-done is completed: a replica that was created and not started, or stopped and not removed. */
  async settle(world, operation) {
    const { service, from, to, containers } = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
    const now = await containersOf(service, world)
    const same = now.length === containers.length && now.every(({ id }) => containers.includes(id))
    if (same && now.filter(isUp).length === from)
      return { state: 'nothing', summary: `Interrupted: ${service} still has ${count(from, 'replica')}.` }
    await needed(world.system, 'stack', TRIED).scale(service, to, world.signal)
    return { state: 'done', done: scaledDone(service, from, to) }
  },
  async undo(trail, world, operation) {
    const { service, from, to } = Trail.parse(JSON.parse(trail))
    const stack = needed(world.system, 'stack', TRIED)
    const now = (await containersOf(service, world)).filter(isUp).length
    // An undo that was cut short leaves another number, and is completed.
    if (operation.recorded === null && now !== to)
      return {
        restored: 0,
        left: [{ id: service, because: `${count(now, 'replica')} ${plural(now, 'is', 'are')} running now, not ${to}` }],
      }
    operation.record({ from })
    await stack.scale(service, from, world.signal)
    return { restored: Math.abs(to - from), left: [] }
  },
}

const Trail = z.object({ service: z.string(), from: z.number().int(), to: z.number().int() })
const Recorded = Trail.extend({ containers: z.array(z.string()) })

async function containersOf(name: string, { system, signal }: World): Promise<Service[]> {
  const services = await needed(system, 'stack', TRIED).services(signal)
  return services.filter(({ service }) => service === name)
}

function scaledDone(service: string, from: number, to: number): Done {
  return {
    count: Math.abs(to - from),
    left: [],
    summary: `${service} was scaled from ${from} to ${to}.`,
    trail: JSON.stringify({ service, from, to }),
  }
}

function replicasOf(text: string | undefined, service: string): number {
  const replicas = /^\d{1,3}$/.test(text ?? '') ? Number(text) : -1
  if (replicas >= 0 && replicas <= MOST) return replicas
  throw invalid(TRIED, service, `replicas=${text ?? ''} is not a number from 0 to ${MOST}`, 'For example replicas=2.')
}

function confirm(adding: number, going: number, starting: number): string {
  if (adding > 0) return `Add ${count(adding, 'container')}`
  return going > 0 ? `Remove ${count(going, 'container')}` : `Start ${count(starting, 'container')}`
}

function removed(service: string, n: number, to: number): string {
  const ends = plural(n, 'is', 'are')
  return to === 0
    ? `${n === 1 ? 'The container' : `All ${n} containers`} of ${service} ${ends} stopped and removed.`
    : `${count(n, 'container')} of ${service} with the highest ${plural(n, 'number', 'numbers')} ${ends} stopped and removed; ${to} ${plural(to, 'stays', 'stay')}.`
}

function going(containers: readonly Service[], to: number): readonly Service[] {
  return containers.toSorted((a, b) => a.number - b.number).slice(to)
}
