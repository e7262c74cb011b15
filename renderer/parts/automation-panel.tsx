// Automations in Settings: the list, and beside it a form or the runbooks' own as a start.
import { useState } from 'react'
import type { Automation } from '../../electron/contract/automation.ts'
import type { SettingsPatch, SystemSettings } from '../../electron/contract/settings.ts'
import { failureText } from '../format.ts'
import { coreNow } from '../select.ts'
import { emptyAutomation, fromTemplate, type Place, templates } from '../select-automations.ts'
import { useAnswer, useView } from '../services.tsx'
import { AutomationForm } from './automation-form.tsx'
import { AutomationList } from './automation-list.tsx'
import { Button } from './button.tsx'
import { FailureNote, Section } from './section.tsx'

interface Props {
  readonly automations: readonly Automation[]
  readonly systems: readonly SystemSettings[]
  readonly onChange: (patch: SettingsPatch) => void
}

const LOOK_MS = 5000
type Editing = { readonly start: Automation; readonly was: string | null }

export function AutomationPanel({ automations, systems, onChange }: Props) {
  const now = useView(coreNow)
  const [editing, setEditing] = useState<Editing | null>(null)
  const key = `${JSON.stringify(automations)} ${Math.floor(now / LOOK_MS)}`
  const answer = useAnswer(key, 'Read the automations', (client, signal) => client.automations.list({}, { signal }))
  const places: readonly Place[] = systems.length === 0 ? [{ id: 'local', kind: 'local' }] : systems
  const names = automations.map(({ name }) => name)
  const replace = (name: string | null, next: Automation | null) => {
    const rest = automations.map((one) => (one.name === name ? next : one)).filter((one) => one !== null)
    onChange({ automations: name === null && next !== null ? [...rest, next] : rest })
  }
  const first = places[0]?.id ?? 'local'
  const advised = places.flatMap((place) =>
    templates.filter(({ kind }) => kind === place.kind).map((template) => ({ place, template })),
  )
  return (
    <div className="grid grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)] max-narrow:grid-cols-1 gap-10 mt-4 pb-10">
      <Section
        title="Automation"
        note="the same previews, limits and receipts as by hand"
        end={
          <Button small onPress={() => setEditing({ start: emptyAutomation(first, names), was: null })}>
            Add an automation…
          </Button>
        }
      >
        {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
        {answer.value !== null && (
          <AutomationList
            states={answer.value}
            now={now}
            onSwitch={(next) => replace(next.name, next)}
            onEdit={(start) => setEditing({ start, was: start.name })}
            onRemove={({ name }) => replace(name, null)}
          />
        )}
      </Section>
      {editing === null ? (
        <Section title="From the runbooks" note="a start; each is off until it is switched on">
          {advised.length === 0 && (
            <p className="py-3 text-ink-3 border-b border-line">
              None for the systems here. The runbooks advise them for stacks of recordings, crawl runs and QC jobs.
            </p>
          )}
          <ul>
            {advised.map(({ place, template }) => (
              <li key={`${place.id} ${template.title}`} className="flex items-center gap-4 py-2 border-b border-line">
                <span className="min-w-0">
                  {template.title} <span className="text-ink-3">{place.id}</span>
                </span>
                <span className="ml-auto flex-none">
                  <Button
                    small
                    label={`${template.title} on ${place.id}`}
                    onPress={() => setEditing({ start: fromTemplate(template, place.id, names), was: null })}
                  >
                    Look at it…
                  </Button>
                </span>
              </li>
            ))}
          </ul>
          <p className="pt-3 text-small text-ink-3">
            Anything that can be done by hand can be automated; what cannot be taken back needs a tick of its own.
          </p>
        </Section>
      ) : (
        <AutomationForm
          key={`${editing.was} ${editing.start.name}`}
          start={editing.start}
          edited={editing.was !== null}
          systems={places.map(({ id }) => id)}
          taken={names.filter((name) => name !== editing.was)}
          onSave={(automation) => {
            replace(editing.was, automation)
            setEditing(null)
          }}
          onCancel={() => setEditing(null)}
        />
      )}
    </div>
  )
}
