// Stops the containers of services; they stay, and can be started again as they are.
import { count, listed, plural } from '../wording.ts'
import { aboutJobs, aboutStores, isUp } from './frozen-service.ts'
import { switchService } from './switch-service.ts'

export const stopService = switchService({
  verb: 'stop',
  risk: 'disruptive',
  opposite: 'start',
  leaves: (containers) => (containers.some(isUp) ? null : 'is stopped already'),
  undoable: (containers) => containers.every(isUp),
  preview(plan) {
    const { services, containers, undoable } = plan
    const n = containers.filter(isUp).length
    return {
      summary: `${count(n, 'container')} of ${listed(services)} ${plural(n, 'is', 'are')} asked to end, and killed when the grace period is over. ${plural(n, 'It stays', 'They stay')} until somebody starts ${plural(n, 'it', 'them')}.`,
      notTouched: ['Other services', 'Volumes and their data', 'Messages in the queues'],
      know: [...aboutJobs(plan.jobs, plan.containers), ...aboutStores(plan)],
      undo:
        undoable === false
          ? 'Some of its containers do not run now, so starting it would be more than taking this back.'
          : `Undo starts ${listed(services)} again; a job that was given up begins anew.`,
      confirm: `Stop ${count(n, 'container')}`,
    }
  },
})
