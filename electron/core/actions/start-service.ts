// Starts the containers of services that do not run, and lets go on those that somebody paused.
import type { Service } from '../../contract/service.ts'
import { count, listed, plural } from '../wording.ts'
import { isPaused, isUp } from './frozen-service.ts'
import { switchService } from './switch-service.ts'

const works = (one: Service): boolean => isUp(one) && !isPaused(one)

export const startService = switchService({
  verb: 'start',
  risk: 'safe',
  opposite: 'stop',
  leaves: (containers) => (containers.every(works) ? 'already runs' : null),
  // With some of its replicas running before, "stop" would stop those too.
  undoable: (containers) => !containers.some(isUp),
  preview({ services, containers, undoable }) {
    const n = containers.filter((one) => !isUp(one)).length
    const paused = containers.filter(isPaused).length
    const starts = `${plural(n, 'starts', 'start')} with the settings ${plural(n, 'it was', 'they were')} created with`
    return {
      summary: [
        ...(n === 0 ? [] : [`${count(n, 'container')} of ${listed(services)} ${starts}.`]),
        ...(paused === 0
          ? []
          : [`${count(paused, 'paused container')} ${plural(paused, 'goes', 'go')} on where it was paused.`]),
      ].join(' '),
      notTouched: ['Other services, also those it depends on', 'Jobs and messages'],
      know: ['A changed .env is not applied by a start: only “Set a value in .env” recreates the container.'],
      undo:
        n === 0
          ? 'There is no undo: what goes on is held again by docker pause only.'
          : undoable === false
            ? 'Some of its containers run already, so stopping it would be more than taking this back.'
            : `Undo stops ${listed(services)} again.`,
      confirm: `Start ${count(n + paused, 'container')}`,
    }
  },
})
