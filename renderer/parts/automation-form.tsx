// One automation as a draft: what, on which system, when, how much at most; what it would do now stands below it.
import { useState } from 'react'
import type { Automation } from '../../electron/contract/automation.ts'
import { paramsText, readParams, wrongWith } from '../select-automations.ts'
import { useAnswer } from '../services.tsx'
import { useSettled } from '../use-settled.ts'
import { AutomationForecastLine } from './automation-forecast.tsx'
import { AutomationWhen } from './automation-when.tsx'
import { Button } from './button.tsx'
import { Line, Whole } from './form-line.tsx'
import { Section } from './section.tsx'

interface Props {
  readonly start: Automation
  readonly edited: boolean
  readonly systems: readonly string[]
  /** Names of the others. */
  readonly taken: readonly string[]
  readonly onSave: (automation: Automation) => void
  readonly onCancel: () => void
}

export function AutomationForm({ start, edited, systems, taken, onSave, onCancel }: Props) {
  const [draft, setDraft] = useState(start)
  const [params, setParams] = useState(paramsText(start.params))
  const set = (part: Partial<Automation>) => setDraft({ ...draft, ...part })
  const limit = (part: Partial<Automation['limits']>) => set({ limits: { ...draft.limits, ...part } })
  const actions = useAnswer(draft.system, 'List the actions', (client, signal) =>
    client.actions.list({ system: draft.system }, { signal }),
  )
  const offered = (actions.value ?? []).filter(({ id }) => id !== 'add-files' && id !== 'create-stack')
  const risk = offered.find(({ id }) => id === draft.action)?.risk ?? null
  const wrong = readParams(params).wrong ?? wrongWith(draft, taken)
  const settled = useSettled(wrong === null ? JSON.stringify(draft) : '')
  return (
    <Section title={edited ? `Edit ${start.name}` : 'New automation'} note="off until it is switched on in the list">
      <Line title="Name">
        <input className="field w-full" value={draft.name} onChange={(event) => set({ name: event.target.value })} />
      </Line>
      <Line title="System">
        <select className="field" value={draft.system} onChange={(event) => set({ system: event.target.value })}>
          {systems.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </Line>
      <Line title="Action">
        <select
          className="field max-w-full"
          value={draft.action}
          onChange={(event) => {
            const chosen = offered.find(({ id }) => id === event.target.value)
            if (chosen === undefined) return
            set({ action: chosen.id, params: {}, allowDestructive: false })
            setParams('')
          }}
        >
          {!offered.some(({ id }) => id === draft.action) && <option value={draft.action}>{draft.action}</option>}
          {offered.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </Line>
      <Line title="Parameters" hint="key=value, one to a line">
        <textarea
          className="field w-full mono field-sizing-content"
          rows={1}
          value={params}
          onChange={(event) => {
            setParams(event.target.value)
            const read = readParams(event.target.value)
            if (read.wrong === null) set({ params: read.params })
          }}
        />
      </Line>
      <AutomationWhen when={draft.when} onChange={(when) => set({ when })} />
      <Line title="Only up to" hint="nothing is done when more is meant">
        <Whole value={draft.limits.onlyUpTo} onChange={(onlyUpTo) => limit({ onlyUpTo })} />
      </Line>
      {draft.when.kind === 'finding' && (
        <Line title="In one run" hint="of the jobs that the finding names">
          <Whole value={draft.limits.perRun} onChange={(perRun) => limit({ perRun })} />
        </Line>
      )}
      <Line title="Apart" hint="minutes between two runs, at least">
        <Whole value={draft.limits.minMinutesBetween} onChange={(n) => limit({ minMinutesBetween: n })} />
      </Line>
      {(risk === 'destructive' || draft.allowDestructive) && (
        <label className="flex gap-[9px] py-2 border-b border-line">
          <input
            type="checkbox"
            className="mt-1 accent-(--accent)"
            checked={draft.allowDestructive}
            onChange={() => set({ allowDestructive: !draft.allowDestructive })}
          />
          <span>
            I agree that this is done without asking, although it is destructive.
            <span className="block text-small text-ink-3">Without this it is skipped, and says so.</span>
          </span>
        </label>
      )}
      <p className="py-2 min-h-[44px]">
        <b>Would do now: </b>
        {wrong === null && settled !== '' ? <AutomationForecastLine automation={JSON.parse(settled)} /> : wrong}
      </p>
      <div className="flex gap-2">
        <Button tone="primary" blocked={wrong} onPress={() => onSave({ ...draft, name: draft.name.trim() })}>
          {edited ? 'Keep' : 'Add'}
        </Button>
        <Button onPress={onCancel}>Cancel</Button>
      </div>
    </Section>
  )
}
