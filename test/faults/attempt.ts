// One fault at one point of one action or undo: what is so after the recovery, compared with what the receipt says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Receipt } from '../../electron/contract/action.ts'
import { type Fault, faultPlan, withFault } from './fault-points.ts'
import type { FaultRun } from './fault-run.ts'
import type { Scenario } from './scenarios.ts'
import { type Host, openHost, type State, type World } from './world.ts'

export interface Outcome {
  /** The point where it happened; null: the action was over before. */
  readonly at: string | null
  /** Points that the kind of fault could happen at. */
  readonly points: number
  /** Messages, rows or files that are nowhere, and those that are there more than once. */
  readonly lost: number
  readonly doubled: number
  /** Where the state differs from what the receipt says; each a sentence. */
  readonly wrong: readonly string[]
}

export type Phase = 'execute' | 'undo'

const caller = { actor: 'faults', via: 'terminal' as const }

/** `real`: in a process of its own, which the operating system kills at the point. */
export async function attempt(
  world: World,
  scenario: Scenario,
  phase: Phase,
  fault: Fault,
  real = false,
): Promise<Outcome> {
  await world.reset()
  await scenario.seed(world)
  const before = await world.state()
  const plan = faultPlan({ ...fault, cut: world.cut })
  const start = () => openHost({ settings: world.settings(scenario.kind ?? 'recordings'), dataDir: world.dataDir })
  let host = start()
  try {
    const request = await scenario.request(world)
    const { fingerprint } = await host.actions.preview(request, new AbortController().signal)
    const receipt = phase === 'undo' ? (await host.actions.execute(request, fingerprint, caller)).id : null
    if (real) {
      await host.close()
      const { dataDir } = world
      const settings = world.settings(scenario.kind ?? 'recordings')
      await inProcess({ world: { settings, dataDir }, request, fingerprint, receipt, point: fault.point })
      plan.dead = true
    } else
      await withFault(plan, () =>
        receipt === null ? host.actions.execute(request, fingerprint, caller) : host.actions.undo(receipt, caller),
      ).catch(() => undefined)
    plan.full = false
    world.heal()
    if (plan.dead) {
      // What the operating system does for a process that has ended: its locks on the history file are released.
      if (!real) host.history.close()
      await world.lapse()
      host = start()
    }
    await host.recover()
    return {
      at: real ? `point ${fault.point} of a process` : plan.at,
      points: plan.points,
      ...(await judge(world, scenario, phase, before, host)),
    }
  } finally {
    await host.close()
  }
}

async function inProcess(run: FaultRun): Promise<void> {
  const main = join(import.meta.dirname, 'kill-main.ts')
  const env = { ...process.env, UNJAM_FAULT_RUN: JSON.stringify(run) }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'exit')
}

async function judge(world: World, scenario: Scenario, phase: Phase, before: State, host: Host) {
  const [receipt] = host.history.list(2, null)
  const wrong: string[] = []
  const now = await world.state()
  const count = missing(before, now, await world.setAside())
  if (scenario.sends !== true && scenario.renames !== true && count.extra > 0) wrong.push(`${count.extra} new messages`)
  const stands = receipt !== undefined && receipt.count > 0 && receipt.undone === null
  if (phase === 'execute' && !stands) wrong.push(...differences(before, now, scenario, 'nothing was done'))
  if (stands) wrong.push(...(await undone(world, scenario, before, receipt, host)))
  else if (receipt?.undone != null) wrong.push(...differences(before, now, scenario, 'it was undone'))
  const strays = world.strays()
  if (strays.length > 0) wrong.push(`left behind: ${strays.join(', ')}`)
  wrong.push(...host.bugs.filter((bug) => !bug.includes('full')))
  return { lost: count.lost, doubled: count.doubled, wrong }
}

/** A receipt is worth what its undo brings back. */
async function undone(world: World, scenario: Scenario, before: State, receipt: Receipt, host: Host) {
  if (!receipt.undoable) return ['the receipt cannot be undone']
  const { undone: result } = await host.actions.undo(receipt.id, caller)
  const left = result?.left.map(({ id, because }) => `${id}: ${because}`) ?? []
  return [...left, ...differences(before, await world.state(), scenario, 'after its undo')]
}

/** Each message of before is in a queue or set aside, once. */
function missing(before: State, now: State, aside: readonly string[]) {
  const found = new Map<string, number>()
  for (const raw of [...Object.values(now.queues).flat(), ...aside]) found.set(raw, (found.get(raw) ?? 0) + 1)
  const all = Object.values(before.queues).flat()
  const known = new Set(all)
  const rows = Object.keys(before.rows).filter((id) => now.rows[id] === undefined).length
  return {
    lost: all.filter((raw) => !found.has(raw)).length + rows,
    doubled: all.filter((raw) => (found.get(raw) ?? 0) > 1).length,
    extra: [...found.keys()].filter((raw) => !known.has(raw)).length,
  }
}

function differences(before: State, now: State, { renames }: Scenario, when: string): string[] {
  const wrong: string[] = []
  for (const [list, raws] of Object.entries(before.queues)) {
    const other = now.queues[list] ?? []
    const same = renames ? other.length === raws.length : other.join('\n') === raws.join('\n')
    if (!same)
      wrong.push(
        `${when}, queue list ${JSON.stringify(list)} has ${other.length} messages, not the ${raws.length} in their order`,
      )
  }
  for (const [id, row] of Object.entries(before.rows))
    if (now.rows[id] !== row) wrong.push(`${when}, row ${id} differs`)
  if (now.env !== before.env) wrong.push(`${when}, the .env differs`)
  return wrong
}
