// What Unjam does by itself: each automation with its switch, its last runs, and what it would do now.
import type { Automation, AutomationState } from '../../electron/contract/automation.ts'
import { count, time, when } from '../format.ts'
import { limitsText, outcomes, whenText } from '../select-automations.ts'
import { AutomationForecastLine } from './automation-forecast.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'

interface Props {
  readonly states: readonly AutomationState[]
  readonly now: number
  readonly onSwitch: (automation: Automation) => void
  readonly onEdit: (automation: Automation) => void
  readonly onRemove: (automation: Automation) => void
}

export function AutomationList({ states, ...rest }: Props) {
  if (states.length === 0)
    return (
      <p className="py-3 text-ink-3 border-b border-line">
        None. Unjam changes nothing by itself until somebody adds one and switches it on.
      </p>
    )
  return (
    <ul>
      {states.map((state) => (
        <Row key={state.automation.name} state={state} {...rest} />
      ))}
    </ul>
  )
}

type RowProps = Omit<Props, 'states'> & { state: AutomationState }

function Row({ state, now, onSwitch, onEdit, onRemove }: RowProps) {
  const { automation, next, running } = state
  const { name, enabled, system, action, when: trigger } = automation
  return (
    <li className="py-[10px] border-b border-line">
      <div className="flex items-start gap-4">
        <label className="flex gap-[9px] min-w-0">
          <input
            type="checkbox"
            className="mt-1 accent-(--accent)"
            aria-label={`${name} is on`}
            checked={enabled}
            onChange={() => onSwitch({ ...automation, enabled: !enabled })}
          />
          <span className="min-w-0">
            <b>{name}</b> <span className="text-ink-3">{enabled ? 'on' : 'off'}</span>
            <span className="block text-small text-ink-2">
              {whenText(trigger)}: <code>{action}</code> on {system} · {limitsText(automation)}
            </span>
          </span>
        </label>
        <span className="ml-auto flex gap-2 flex-none">
          <Button small label={`Edit ${name}`} onPress={() => onEdit(automation)}>
            Edit…
          </Button>
          <Button small label={`Remove ${name}`} onPress={() => onRemove(automation)}>
            Remove
          </Button>
        </span>
      </div>
      <dl className="facts mt-1">
        <dt>Next</dt>
        <dd>
          {running
            ? 'It is running.'
            : next.at === null
              ? next.sentence
              : `${when(time(next.at), now)}. ${next.sentence}`}
        </dd>
        <dt>Would do now</dt>
        <dd>
          <AutomationForecastLine automation={automation} />
        </dd>
      </dl>
      <Runs runs={state.runs} now={now} name={name} />
    </li>
  )
}

function Runs({ runs, now, name }: { runs: AutomationState['runs']; now: number; name: string }) {
  if (runs.length === 0) return <p className="text-small text-ink-3 pt-1">It has not run yet.</p>
  return (
    <ul aria-label={`Last runs of ${name}`} className="pt-1">
      {runs.slice(0, 5).map((run) => (
        <li key={run.id} className="flex gap-3 py-[3px] text-small">
          <span className="w-[88px] flex-none text-ink-3">{when(time(run.lastAt), now)}</span>
          <span className="w-[104px] flex-none flex gap-[6px] items-start">
            <Glyph name={outcomes[run.outcome].glyph} size={12} /> {outcomes[run.outcome].text}
          </span>
          <span className="min-w-0 text-ink-2">
            {run.sentence}
            {run.times > 1 && <span className="text-ink-3"> Tried {count(run.times, 'time')}.</span>}
            {run.receipt !== null && (
              <a href="#/history" className="ml-2 underline">
                Receipt
              </a>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
