// Actions on services, .env and workers, interrupted before and after every call: the next start ends on one side.
import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../../electron/contract/action.ts'
import type { System } from '../../../electron/core/ports/system.ts'
import { type Acting, acting, admin, request, signal } from '../../support/acting.ts'
import { freshStack, memoryEnv } from '../../support/memory-env.ts'

const TEXT = 'TASK_TIMEOUT_SECONDS=1800\nSITE=calls\n'
const PURE: readonly (string | symbol)[] = ['hashOf', 'command', 'scaleCommand', 'pending', 'onChange']
const never = new Promise<never>(() => undefined)

/** Counts calls of the ports; from its `point`-th moment on, nothing in it answers any more. Each call has two moments. */
function dying(system: System) {
  const state = { point: Number.POSITIVE_INFINITY, moments: 0, armed: false, died: () => undefined as unknown }
  const passes = () => {
    if (!state.armed) return true
    state.moments++
    if (state.moments < state.point) return true
    if (state.moments === state.point) state.died()
    return false
  }
  function wrap<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member === 'object' && member !== null) return wrap(member)
        // What computes and asks nobody has no moment.
        if (typeof member !== 'function' || PURE.includes(name)) return member
        return (...given: unknown[]) => {
          // Dead already: what is called now does not happen.
          if (state.armed && state.moments >= state.point) return never
          if (!passes()) return never
          const answer: unknown = Reflect.apply(member, target, given)
          return answer instanceof Promise ? answer.then((value) => (passes() ? value : never)) : answer
        }
      },
    })
  }
  return { system: wrap(system), state }
}

interface World {
  /** What an operator sees of it, comparable. */
  look(): unknown
  readonly parts: Partial<System>
}
type Asked = Parameters<typeof request>[0]

/**
 * Interrupts the action at every moment and settles it by a new core over the same history; calls `judge` with the
 * receipt and with what the world looked like before, after, and after the undo of a receipt that can be undone.
 */
async function everywhere(
  make: () => Promise<World>,
  asked: Asked,
  judge: (receipt: Receipt | null, world: { before: unknown; after: unknown; undone: unknown }, moment: number) => void,
): Promise<number> {
  for (let point = 1; ; point++) {
    const world = await make()
    const probe = acting([], { kind: 'recordings', parts: world.parts })
    const { system, state } = dying(probe.system)
    const victim: Acting = acting([], { kind: 'recordings', parts: system })
    const before = world.look()
    const one = request(asked)
    const { fingerprint } = await victim.actions.preview(one, signal)
    Object.assign(state, { point, armed: true })
    const death = new Promise<'died'>((resolve) => {
      state.died = () => resolve('died')
    })
    const ended = await Promise.race([victim.actions.execute(one, fingerprint, admin), death])
    if (ended !== 'died') return point - 1
    const next = acting([], { kind: 'recordings', parts: world.parts, history: victim.history })
    await next.actions.settle(next.system)
    expect(next.actions.interrupted('local'), `moment ${point}`).toEqual([])
    const [receipt = null] = next.history.list(1, null)
    const after = world.look()
    if (receipt?.undoable === true) await next.actions.undo(receipt.id, admin)
    judge(receipt, { before, after, undone: world.look() }, point)
  }
}

/** Nothing done means nothing changed; done means that the undo brings everything back. */
const eitherSide =
  (changed: unknown) =>
  (
    receipt: Receipt | null,
    { before, after, undone }: { before: unknown; after: unknown; undone: unknown },
    n: number,
  ) => {
    const done = receipt !== null && receipt.count > 0
    expect(after, `moment ${n}: ${receipt?.summary}`).toEqual(done ? changed : before)
    expect(undone, `moment ${n}, after undo`).toEqual(before)
  }

describe('an interruption at every moment', () => {
  it('of set-env: file and containers have the same values, old or new', async () => {
    const make = async (): Promise<World> => {
      const env = memoryEnv(TEXT)
      const stack = await freshStack(env, { worker: ['TASK_TIMEOUT_SECONDS'], api: ['TASK_TIMEOUT_SECONDS'] })
      return {
        look: () => ({
          text: env.text,
          inside: [...stack.inside].map(([name, values]) => `${name}=${values.TASK_TIMEOUT_SECONDS}`).sort(),
        }),
        parts: { env, stack },
      }
    }
    const moments = await everywhere(
      make,
      { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '7200' } },
      eitherSide({ text: TEXT.replace('1800', '7200'), inside: ['api=7200', 'worker=7200'] }),
    )
    expect(moments).toBeGreaterThan(8)
  })

  it('of set-env between two services: the second gets the value of the first', async () => {
    const env = memoryEnv(TEXT)
    const stack = await freshStack(env, { worker: ['TASK_TIMEOUT_SECONDS'], api: ['TASK_TIMEOUT_SECONDS'] })
    const values = () => [...stack.inside].map(([name, inside]) => `${name}=${inside.TASK_TIMEOUT_SECONDS}`).sort()
    const { recreate } = stack
    const half = Promise.withResolvers<void>()
    stack.recreate = async (services, ...rest) => {
      await recreate(services.slice(0, 1), ...rest)
      half.resolve()
      return never
    }
    const victim = acting([], { kind: 'recordings', parts: { env, stack } })
    const asked = request({ action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '7200' } })
    const { fingerprint } = await victim.actions.preview(asked, signal)
    void victim.actions.execute(asked, fingerprint, admin)
    await half.promise
    expect(values()).toEqual(['api=1800', 'worker=7200'])
    stack.recreate = recreate
    const next = acting([], { kind: 'recordings', parts: { env, stack }, history: victim.history })
    await next.actions.settle(next.system)
    expect(values()).toEqual(['api=7200', 'worker=7200'])
    const [receipt] = next.history.list(1, null)
    expect(receipt).toMatchObject({ count: 1, undoable: true })
    await next.actions.undo(receipt?.id ?? '', admin)
    expect([env.text, values()]).toEqual([TEXT, ['api=1800', 'worker=1800']])
  })

  it.each(['scale-service', 'stop-service', 'start-service'] as const)('of %s', async (action) => {
    const make = async (): Promise<World> => {
      const env = memoryEnv(TEXT)
      const stack = await freshStack(env, { worker: ['TASK_TIMEOUT_SECONDS'] })
      if (action === 'start-service') await stack.stop('worker', signal)
      return { look: () => stack.list.map(({ container, state }) => `${container} ${state}`), parts: { stack } }
    }
    const changed = {
      'scale-service': ['app-worker-1 running', 'app-worker-2 running'],
      'stop-service': ['app-worker-1 exited'],
      'start-service': ['app-worker-1 running'],
    }[action]
    const params = action === 'scale-service' ? { replicas: '2' } : {}
    const moments = await everywhere(make, { action, target: ['worker'], params }, eitherSide(changed))
    expect(moments).toBeGreaterThan(2)
  })
})
