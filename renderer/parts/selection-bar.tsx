// What can be done with the selected jobs; every button opens a preview.
import type { Job, JobState } from '../../electron/contract/job.ts'
import { audio } from '../format.ts'
import { useKey } from '../keys.ts'
import { audioSum } from '../select-jobs.ts'
import { useAnswer, useServices } from '../services.tsx'
import { actionKeys, actionsFor, keyText, verbOf } from './action-list.ts'
import { Button, Kbd } from './button.tsx'

interface Props {
  readonly system: string
  readonly state: JobState
  readonly chosen: readonly Job[]
  readonly onClear: () => void
}

export function SelectionBar({ system, state, chosen, onClear }: Props) {
  const { flow } = useServices()
  // Asked again with each selection: what is possible may have changed.
  const answer = useAnswer(`${system} ${state} ${chosen.length}`, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  useKey('Escape', onClear)
  const target = chosen.map(({ id }) => id)
  const actions = actionsFor(state, answer.value ?? [])
  // Only what heals is a primary: retrying and releasing, never removing.
  const heals = actions.find(({ id }) => id === 'retry-jobs' || id === 'release-jobs')?.id
  return (
    <div
      role="toolbar"
      aria-label={`${chosen.length} selected jobs`}
      className="flex flex-wrap items-center gap-2 min-h-[52px] py-2 -mx-(--gutter) px-(--gutter) bg-raised border-t border-line-strong"
    >
      <span className="mr-3">
        <b>{chosen.length} selected</b> <span className="text-ink-3">· {audio(audioSum(chosen).known)} of audio</span>
      </span>
      {actions.map((action) => {
        const key = actionKeys[action.id]
        return (
          <Button
            key={action.id}
            small
            tone={action.id === heals ? 'primary' : 'plain'}
            blocked={action.blocked}
            shortcut={key === undefined ? undefined : { key, text: keyText(key) }}
            onPress={() => void flow.open({ action: action.id, system, target, params: {} }, action.title)}
          >
            {verbOf(action)}…
          </Button>
        )
      })}
      {answer.failure !== null && <span className="text-small text-failed">{answer.failure.because}</span>}
      <span className="ml-auto text-small text-ink-3 whitespace-nowrap">
        <Kbd>Space</Kbd> select <Kbd>Enter</Kbd> open{' '}
        <button type="button" className="hover:text-ink" onClick={onClear}>
          <Kbd>Esc</Kbd> clear
        </button>
      </span>
    </div>
  )
}
