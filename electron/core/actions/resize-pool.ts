// One worker gets more or fewer processes, until it restarts.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import type { Worker } from '../../contract/snapshot.ts'
import { needed } from '../missing-part.ts'
import { count, plural } from '../wording.ts'
import type { Action, Done, Frozen, World } from './action.ts'
import { chosenOne } from './chosen-one.ts'
import { invalid, refuse } from './refuse.ts'

interface ResizePlan extends Frozen {
  readonly worker: Worker
  readonly goal: number
}

const TRIED = 'Resize the pool'
const MOST = 256
const Trail = z.object({ worker: z.string(), pid: z.number().nullable(), from: z.number(), to: z.number() })

/** `by=+1`, `by=-1` or `to=4`. */
export const resizePool: Action<ResizePlan> = {
  id: 'resize-pool',
  target: 'worker',
  risk: 'safe',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  params: ['worker', 'by', 'to'],
  offer: () => ({ title: TRIED, blocked: null }),
  async plan(request, world) {
    const { control } = needed(world.system, 'broker', TRIED)
    const all = (await control.workers(world.signal)).filter(({ state }) => state !== 'lost')
    const only = all.length === 1 ? (all[0]?.name ?? null) : null
    const name = chosenOne(request, 'worker', only, TRIED)
    const worker = all.find((one) => one.name === name)
    if (worker === undefined) throw refuse(TRIED, name, 'no such worker is connected')
    if (!['running', 'not-consuming', 'paused'].includes(worker.state))
      throw refuse(TRIED, name, `it does not answer (${worker.state})`, 'A command would run whenever it wakes up.')
    if (worker.pool !== 'prefork')
      throw refuse(
        TRIED,
        name,
        `its pool (${worker.pool ?? 'of an unknown kind'}) has a fixed size`,
        'Start more workers.',
      )
    const goal = goalOf(request, worker.slots)
    if (goal < 1) throw refuse(TRIED, name, `it has ${count(worker.slots, 'process', 'processes')} and one must remain`)
    if (goal > MOST) throw refuse(TRIED, name, `${goal} processes are more than Unjam starts (${MOST})`)
    if (goal === worker.slots) throw refuse(TRIED, name, `it has ${count(goal, 'process', 'processes')} already`)
    return {
      worker,
      goal,
      count: 1,
      items: [
        {
          id: name,
          title: name,
          note: `${worker.slots} → ${goal}, ${worker.busy} busy`,
          fingerprint: `${worker.pid} ${worker.slots}`,
        },
      ],
    }
  },
  preview({ worker, goal }) {
    const by = goal - worker.slots
    const n = Math.abs(by)
    const processes = count(n, 'process', 'processes')
    return {
      title: by > 0 ? `Grow the pool by ${n}` : `Shrink the pool by ${n}`,
      summary:
        by > 0
          ? `${worker.name} starts ${count(n, 'more process', 'more processes')} (${worker.slots} → ${goal}) and takes as many more tasks at once, within seconds.`
          : `${worker.name} gives up ${processes} (${worker.slots} → ${goal}).`,
      notTouched: ['Running tasks', 'Other workers', 'Messages and rows'],
      know: [
        'It is lost when the worker restarts. WORKER_CONCURRENCY in .env (set-env) makes it permanent where the stack reads it.',
        ...(by > 0
          ? ['Each process needs the memory of one transcription.']
          : ['Only idle processes go: while all are busy the worker refuses, or gives up fewer.']),
      ],
      command: `celery -A APP control -d ${worker.name} ${by > 0 ? 'pool_grow' : 'pool_shrink'} ${n}`,
      undo: `Undo goes back to ${count(worker.slots, 'process', 'processes')}, where the worker has not been restarted or resized since.`,
      confirm: by > 0 ? `Add ${processes}` : `Remove ${processes}`,
    }
  },
  async execute({ worker, goal }, world, operation) {
    const { control } = needed(world.system, 'broker', TRIED)
    operation.record({ worker: worker.name, pid: worker.pid, from: worker.slots, to: goal })
    const { from, to, told } = await control.resize(worker.name, goal - worker.slots, world.signal)
    const words =
      told.find(({ ok }) => !ok)?.text ?? `it accepted the command but has ${to} of ${goal} processes so far`
    return resized({ worker: worker.name, pid: worker.pid, from, to }, to === goal ? null : words)
  },
  async settle(world, operation) {
    const { worker, pid, from, to } = Trail.parse(JSON.parse(operation.recorded ?? 'null'))
    const now = await workerOf(worker, world)
    if (now === null || now.pid !== pid)
      return { state: 'unclear', summary: `Interrupted, and ${worker} restarted or went offline: check its pool size.` }
    if (now.slots === from)
      return { state: 'nothing', summary: `Interrupted: ${worker} still has ${count(from, 'process', 'processes')}.` }
    const words = now.slots === to ? null : `it has ${now.slots} of ${to} processes`
    return { state: 'done', done: resized({ worker, pid, from, to: now.slots }, words) }
  },
  async undo(trail, world, operation) {
    const { worker, pid, from, to } = Trail.parse(JSON.parse(trail))
    if (operation.recorded !== null && (await workerOf(worker, world))?.slots === from) return { restored: 1, left: [] }
    operation.record({ from })
    const because = await moved(worker, pid, to, world)
    if (because !== null) return { restored: 0, left: [{ id: worker, because }] }
    const { control } = needed(world.system, 'broker', TRIED)
    const done = await control.resize(worker, from - to, world.signal)
    if (done.to === from) return { restored: 1, left: [] }
    const words = done.told.find(({ ok }) => !ok)?.text ?? `it has ${done.to} so far`
    return { restored: 0, left: [{ id: worker, because: words }] }
  },
}

function resized(trail: z.infer<typeof Trail>, short: string | null): Done {
  const { worker, from, to } = trail
  return {
    count: to === from ? 0 : 1,
    left: short === null ? [] : [{ id: worker, because: short }],
    summary:
      to === from
        ? `${worker} still has ${count(to, 'process', 'processes')}.`
        : `${worker} has ${count(to, 'process', 'processes')} now; it had ${from}.`,
    trail: to === from ? null : JSON.stringify(trail),
  }
}

async function workerOf(name: string, { system, signal }: World): Promise<Worker | null> {
  const workers = await needed(system, 'broker', TRIED).control.workers(signal)
  return workers.find((one) => one.name === name && one.state !== 'lost') ?? null
}

/** Why the old size is nothing to go back to any more; null when it is. */
async function moved(name: string, pid: number | null, to: number, world: World): Promise<string | null> {
  const worker = await workerOf(name, world)
  if (worker === null) return 'the worker is offline'
  if (worker.pid !== pid) return 'the worker was restarted, which gave it its configured size again'
  return worker.slots === to
    ? null
    : `it has ${count(worker.slots, 'process', 'processes')} ${plural(worker.slots, 'now', 'by now')}`
}

function goalOf({ params, system }: ActionRequest, slots: number): number {
  const { by, to } = params
  const given = to ?? by
  if (given === undefined || (to !== undefined && by !== undefined))
    throw invalid(TRIED, system, 'the size is missing', 'Give it as by=+1, by=-1 or to=4.')
  if (!(to === undefined ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(given))
    throw invalid(TRIED, system, `${to === undefined ? 'by' : 'to'}=${given} is not a number of processes`)
  return to === undefined ? slots + Number(given) : Number(given)
}
