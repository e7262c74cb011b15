// Starts the containers of services that do not run.
import { count, listed, plural } from '../wording.ts'
import { isUp } from './frozen-service.ts'
import { switchService } from './switch-service.ts'

export const startService = switchService({
  verb: 'start',
  risk: 'safe',
  opposite: 'stop',
  leaves: (containers) => (containers.every(isUp) ? 'already runs' : null),
  // With some of its replicas running before, "stop" would stop those too.
  undoable: (containers) => !containers.some(isUp),
  preview({ services, containers, undoable }) {
    const n = containers.filter((one) => !isUp(one)).length
    return {
      summary: `${count(n, 'container')} of ${listed(services)} ${plural(n, 'starts', 'start')} with the settings ${plural(n, 'it was', 'they were')} created with.`,
      notTouched: ['Other services, also those it depends on', 'Jobs and messages'],
      know: ['A changed .env is not applied by a start: only “Set a value in .env” recreates the container.'],
      undo:
        undoable === false
          ? 'Some of its containers run already, so stopping it would be more than taking this back.'
          : `Undo stops ${listed(services)} again.`,
      confirm: `Start ${count(n, 'container')}`,
    }
  },
})
