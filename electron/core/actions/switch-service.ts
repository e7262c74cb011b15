// An action that starts, stops or restarts the containers of services as they are.
import type { Risk } from '../../contract/action.ts'
import type { Action } from './action.ts'
import { changeServices, changeServicesBack, settleServices } from './change-services.ts'
import { freezeServices, SERVICE_WRITE_MS, type ServiceChoice, type ServicePlan, titleOf } from './frozen-service.ts'

export interface Switching extends ServiceChoice {
  readonly risk: Risk
  /** What takes it back; null: nothing can. */
  readonly opposite: 'start' | 'stop' | null
  preview(plan: ServicePlan): {
    readonly summary: string
    readonly notTouched: readonly string[]
    readonly know: readonly string[]
    readonly undo: string
    readonly confirm: string
  }
}

export function switchService({ verb, risk, opposite, preview, ...choice }: Switching): Action<ServicePlan> {
  return {
    id: `${verb}-service`,
    target: 'service',
    risk,
    kinds: ['recordings', 'crawl'],
    ability: null,
    needs: ['stack'],
    writeMs: SERVICE_WRITE_MS,
    params: ['service'],
    offer: () => ({ title: titleOf(verb, []), blocked: null }),
    plan: (request, world) => freezeServices(request, world, { verb, ...choice }),
    preview(plan) {
      const { notTouched, know, ...words } = preview(plan)
      return {
        title: titleOf(verb, plan.services),
        notTouched: [...plan.notTouched, ...notTouched],
        know: [...know],
        command: plan.command,
        ...words,
      }
    },
    execute: (plan, world, operation) => changeServices(plan, world, operation, verb),
    settle: (world, operation) => settleServices(world, operation, verb),
    undo: async (trail, world) =>
      opposite === null ? { restored: 0, left: [] } : changeServicesBack(trail, world, opposite),
  }
}
