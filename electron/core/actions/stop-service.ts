// Stops the containers of services; they stay, and can be started again as they are.
import { count, listed, plural } from '../wording.ts'
import type { Action } from './action.ts'
import {
  aboutJobs,
  aboutStores,
  changeServices,
  changeServicesBack,
  freezeServices,
  isUp,
  SERVICE_WRITE_MS,
  type ServicePlan,
  titleOf,
} from './frozen-service.ts'

export const stopService: Action<ServicePlan> = {
  id: 'stop-service',
  target: 'service',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['stack'],
  writeMs: SERVICE_WRITE_MS,
  params: ['service'],
  offer: () => ({ title: titleOf('stop', []), blocked: null }),
  plan(request, world) {
    return freezeServices(request, world, {
      verb: 'stop',
      leaves: (containers) => (containers.some(isUp) ? null : 'is stopped already'),
      undoable: (containers) => containers.every(isUp),
    })
  },
  preview(plan) {
    const n = plan.containers.filter(isUp).length
    return {
      title: titleOf('stop', plan.services),
      summary: `${count(n, 'container')} of ${listed(plan.services)} ${plural(n, 'is', 'are')} asked to end, and killed when the grace period is over. ${plural(n, 'It stays', 'They stay')} until somebody starts ${plural(n, 'it', 'them')}.`,
      notTouched: [...plan.notTouched, 'Other services', 'Volumes and their data', 'Messages in the queues'],
      know: [...aboutJobs(plan.jobs), ...aboutStores(plan)],
      command: plan.command,
      undo:
        plan.undoable === false
          ? 'Some of its containers do not run now, so starting it would be more than taking this back.'
          : `Undo starts ${listed(plan.services)} again; a job that was given up begins anew.`,
      confirm: `Stop ${count(n, 'container')}`,
    }
  },
  execute(plan, world) {
    return changeServices(plan, world, 'stop')
  },
  undo(trail, world) {
    return changeServicesBack(trail, world, 'start')
  },
}
