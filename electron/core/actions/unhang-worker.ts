// Redis cuts the control connection of a worker that hangs on it; the worker connects again and goes on.
import { needed } from '../missing-part.ts'
import { count, listed } from '../wording.ts'
import type { Action, Frozen } from './action.ts'
import { chosenOne } from './chosen-one.ts'
import { refuse } from './refuse.ts'

interface UnhangPlan extends Frozen {
  readonly worker: string
  readonly connections: readonly string[]
  readonly how: string
}

const TRIED = 'Unhang the worker'

export const unhangWorker: Action<UnhangPlan> = {
  id: 'unhang-worker',
  target: 'worker',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  params: ['worker'],
  offer: () => ({ title: TRIED, blocked: null }),
  async plan(request, world) {
    const { control } = needed(world.system, 'broker', TRIED)
    const hung = (await control.workers(world.signal)).filter(({ state }) => state === 'hung')
    const only = hung.length === 1 ? (hung[0]?.name ?? null) : null
    const worker = chosenOne(request, 'worker', only, TRIED)
    // Refuses a worker that answers, whatever it was called a moment ago.
    const { connections, how } = await control.hung(worker, world.signal)
    if (connections.length === 0)
      throw refuse(
        TRIED,
        worker,
        how,
        'Find it with redis-cli CLIENT LIST TYPE pubsub and end it with CLIENT KILL ID, or restart the worker.',
      )
    return {
      worker,
      connections,
      how,
      undoable: false,
      count: 1,
      items: [{ id: worker, title: worker, note: listed(connections), fingerprint: connections.join(' ') }],
    }
  },
  preview({ worker, connections, how }) {
    return {
      title: TRIED,
      summary: `Redis cuts ${count(connections.length, 'connection')} of ${worker}. It connects again within seconds, answers, and takes messages.`,
      notTouched: ['Its process and its running tasks', 'Other workers', 'Messages and rows'],
      know: [
        `How they were found: ${how}.`,
        'With acks_late a task that runs now is delivered a second time when its worker reconnects.',
        'What made it hang was a control message that it could not read: Unjam sends none such; another program did.',
      ],
      command: connections.map((address) => `redis-cli CLIENT KILL ADDR ${address}`).join('\n'),
      undo: 'There is nothing to undo: the worker makes new connections by itself.',
      confirm: `Cut ${count(connections.length, 'connection')}`,
    }
  },
  async execute({ worker }, world) {
    const { control } = needed(world.system, 'broker', TRIED)
    const { cut, answers } = await control.unhang(worker, world.signal)
    return {
      count: answers ? 1 : 0,
      left: answers ? [] : [{ id: worker, because: 'it still does not answer; restart it' }],
      summary: answers
        ? `${worker} answers again after ${count(cut, 'connection')} ${cut === 1 ? 'was' : 'were'} cut.`
        : `${count(cut, 'connection')} of ${worker} ${cut === 1 ? 'was' : 'were'} cut, and it still does not answer.`,
      trail: null,
    }
  },
  async undo() {
    return { restored: 0, left: [] }
  },
}
