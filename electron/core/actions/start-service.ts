// Starts the containers of services that do not run.
import { count, listed, plural } from '../wording.ts'
import type { Action } from './action.ts'
import {
  changeServices,
  changeServicesBack,
  freezeServices,
  isUp,
  SERVICE_WRITE_MS,
  type ServicePlan,
  titleOf,
} from './frozen-service.ts'

export const startService: Action<ServicePlan> = {
  id: 'start-service',
  target: 'service',
  risk: 'safe',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['stack'],
  writeMs: SERVICE_WRITE_MS,
  params: ['service'],
  offer: () => ({ title: titleOf('start', []), blocked: null }),
  plan(request, world) {
    return freezeServices(request, world, {
      verb: 'start',
      leaves: (containers) => (containers.every(isUp) ? 'already runs' : null),
      // With some of its replicas running before, "stop" would stop those too.
      undoable: (containers) => !containers.some(isUp),
    })
  },
  preview(plan) {
    const n = plan.containers.filter((one) => !isUp(one)).length
    return {
      title: titleOf('start', plan.services),
      summary: `${count(n, 'container')} of ${listed(plan.services)} ${plural(n, 'starts', 'start')} with the settings ${plural(n, 'it was', 'they were')} created with.`,
      notTouched: [...plan.notTouched, 'Other services, also those it depends on', 'Jobs and messages'],
      know: ['A changed .env is not applied by a start: only “Set a value in .env” recreates the container.'],
      command: plan.command,
      undo:
        plan.undoable === false
          ? 'Some of its containers run already, so stopping it would be more than taking this back.'
          : `Undo stops ${listed(plan.services)} again.`,
      confirm: `Start ${count(n, 'container')}`,
    }
  },
  execute(plan, world) {
    return changeServices(plan, world, 'start')
  },
  undo(trail, world) {
    return changeServicesBack(trail, world, 'stop')
  },
}
