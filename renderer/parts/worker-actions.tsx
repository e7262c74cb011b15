// Start, pause and stop, as the core offers them now; what cannot be done says why.
import type { ActionInfo } from '../../electron/contract/action.ts'
import { useAnswer, useServices } from '../services.tsx'
import { BlockedActions } from './blocked-actions.tsx'
import { Button } from './button.tsx'

const keys: Readonly<Record<string, string>> = { 'start-worker': 's', 'pause-worker': 'p', 'stop-worker': 'x' }
const order = ['start-worker', 'pause-worker', 'stop-worker', 'configure-worker']

interface Props {
  readonly system: string
  readonly state: string
  /** The worker does not work: its first possible action is the primary of the screen. */
  readonly primary: boolean
}

export function WorkerActions({ system, state, primary }: Props) {
  const { flow } = useServices()
  const answer = useAnswer(`${system} ${state}`, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  const offered = order.flatMap(
    (id) => answer.value?.find((action) => action.id === id && action.target === 'system') ?? [],
  )
  const possible = offered.filter(({ blocked }) => blocked === null)
  const press = (action: ActionInfo) =>
    void flow.open({ action: action.id, system, target: 'all', params: {} }, action.title)
  return (
    <div className="flex flex-col items-end gap-2 text-right">
      <div className="flex gap-2 empty:hidden">
        {possible.map((action, index) => {
          const first = primary && index === 0
          const key = first ? 'Enter' : keys[action.id]
          return (
            <Button
              key={action.id}
              tone={first ? 'primary' : 'plain'}
              shortcut={key === undefined ? undefined : { key, text: key.length === 1 ? key.toUpperCase() : key }}
              onPress={() => press(action)}
            >
              {action.title}…
            </Button>
          )
        })}
      </div>
      <BlockedActions actions={offered} />
    </div>
  )
}
