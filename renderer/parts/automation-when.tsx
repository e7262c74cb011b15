// When an automation runs: every so many minutes, daily, or while a finding stands.
import type { AutomationTrigger } from '../../electron/contract/automation.ts'
import { RuleId } from '../../electron/contract/finding.ts'
import { Line, Whole } from './form-line.tsx'

interface Props {
  readonly when: AutomationTrigger
  readonly onChange: (when: AutomationTrigger) => void
}

const starts: Readonly<Record<AutomationTrigger['kind'], AutomationTrigger>> = {
  every: { kind: 'every', minutes: 60 },
  daily: { kind: 'daily', at: '03:00' },
  finding: { kind: 'finding', rule: 'run-overdue', lastsMinutes: 15 },
}
const titles = { every: 'Every so many minutes', daily: 'Daily', finding: 'While a finding stands' } as const
const kinds = ['every', 'daily', 'finding'] as const

export function AutomationWhen({ when, onChange }: Props) {
  return (
    <>
      <Line title="When">
        <select
          className="field"
          value={when.kind}
          onChange={(event) => {
            const kind = kinds.find((one) => one === event.target.value)
            if (kind !== undefined) onChange(starts[kind])
          }}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {titles[kind]}
            </option>
          ))}
        </select>
        {when.kind === 'every' && (
          <Whole label="Minutes" value={when.minutes} onChange={(minutes) => onChange({ ...when, minutes })} />
        )}
        {when.kind === 'daily' && (
          <input
            type="time"
            className="field"
            aria-label="Time of day"
            value={when.at}
            onChange={(event) => event.target.value !== '' && onChange({ ...when, at: event.target.value })}
          />
        )}
      </Line>
      {when.kind === 'finding' && (
        <>
          <Line title="Finding">
            <select
              className="field"
              value={when.rule}
              onChange={(event) => onChange({ ...when, rule: RuleId.parse(event.target.value) })}
            >
              {RuleId.options.map((rule) => (
                <option key={rule}>{rule}</option>
              ))}
            </select>
          </Line>
          <Line title="It has stood" hint="minutes">
            <Whole value={when.lastsMinutes} onChange={(lastsMinutes) => onChange({ ...when, lastsMinutes })} />
          </Line>
        </>
      )}
    </>
  )
}
