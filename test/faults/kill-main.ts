// A process of its own that carries out one action or undo and is killed by the operating system at a point.

import { faultPlan, installFaultPoints, withFault } from './fault-points.ts'
import { FaultRun } from './fault-run.ts'

installFaultPoints()
const { openHost } = await import('./world.ts')

const { world, request, fingerprint, receipt, point } = FaultRun.parse(JSON.parse(process.env.UNJAM_FAULT_RUN ?? ''))
const host = openHost(world)
const caller = { actor: 'faults', via: 'terminal' as const }
const plan = faultPlan({ kind: 'kill', point, die: () => process.kill(process.pid, 'SIGKILL') })
await withFault(plan, async () =>
  receipt === null ? host.actions.execute(request, fingerprint, caller) : host.actions.undo(receipt, caller),
)
await host.close()
