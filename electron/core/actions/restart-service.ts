// Restarts the containers of services as they are: the same settings, a new process.
import { count, listed, plural } from '../wording.ts'
import { aboutJobs, aboutStores, isUp } from './frozen-service.ts'
import { switchService } from './switch-service.ts'

export const restartService = switchService({
  verb: 'restart',
  risk: 'disruptive',
  opposite: null,
  leaves: (containers) => (containers.some(isUp) ? null : 'does not run: start it instead'),
  undoable: () => false,
  preview(plan) {
    const n = plan.containers.length
    const stopped = plan.containers.filter((one) => !isUp(one))
    return {
      summary: `${count(n, 'container')} of ${listed(plan.services)} ${plural(n, 'ends and starts', 'end and start')} again with the settings ${plural(n, 'it was', 'they were')} created with.`,
      notTouched: ['Other services', 'Volumes and their data', 'Messages in the queues'],
      know: [
        ...aboutJobs(plan.jobs, plan.containers),
        ...aboutStores(plan),
        ...(stopped.length === 0
          ? []
          : [
              `${listed(stopped.map(({ container }) => container))} ${plural(stopped.length, 'is', 'are')} stopped now and will run afterwards.`,
            ]),
        // compose pkg/compose/restart.go; the runbooks' "edit .env and restart the worker" applies nothing.
        'A changed .env is not applied by a restart: only “Set a value in .env” recreates the container.',
      ],
      undo: 'There is nothing to put back: a process that ended cannot be continued.',
      confirm: `Restart ${count(n, 'container')}`,
    }
  },
})
