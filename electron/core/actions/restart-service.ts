// Restarts the containers of services as they are: the same settings, a new process.
import { count, listed, plural } from '../wording.ts'
import type { Action } from './action.ts'
import {
  aboutJobs,
  aboutStores,
  changeServices,
  freezeServices,
  isUp,
  SERVICE_WRITE_MS,
  type ServicePlan,
  titleOf,
} from './frozen-service.ts'

export const restartService: Action<ServicePlan> = {
  id: 'restart-service',
  target: 'service',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['stack'],
  writeMs: SERVICE_WRITE_MS,
  params: ['service'],
  offer: () => ({ title: titleOf('restart', []), blocked: null }),
  plan(request, world) {
    return freezeServices(request, world, {
      verb: 'restart',
      leaves: (containers) => (containers.some(isUp) ? null : 'does not run: start it instead'),
      undoable: () => false,
    })
  },
  preview(plan) {
    const n = plan.containers.length
    return {
      title: titleOf('restart', plan.services),
      summary: `${count(n, 'container')} of ${listed(plan.services)} ${plural(n, 'ends and starts', 'end and start')} again with the settings ${plural(n, 'it was', 'they were')} created with.`,
      notTouched: [...plan.notTouched, 'Other services', 'Volumes and their data', 'Messages in the queues'],
      know: [
        ...aboutJobs(plan.jobs),
        ...aboutStores(plan),
        // compose pkg/compose/restart.go; the runbooks' "edit .env and restart the worker" applies nothing.
        'A changed .env is not applied by a restart: only “Set a value in .env” recreates the container.',
      ],
      command: plan.command,
      undo: 'There is nothing to put back: a process that ended cannot be continued.',
      confirm: `Restart ${count(n, 'container')}`,
    }
  },
  execute(plan, world) {
    return changeServices(plan, world, 'restart')
  },
  async undo() {
    return { restored: 0, left: [] }
  },
}
