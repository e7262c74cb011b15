// The settings that can be changed here; each is kept when its field is left.
import { useId, useState } from 'react'
import type { Settings, SettingsPatch } from '../../electron/contract/settings.ts'
import {
  type ChoiceField,
  type Field,
  fieldGroups,
  type NumberField,
  readNumber,
  type TextField,
} from '../setting-fields.ts'
import { Section } from './section.tsx'

interface Props {
  readonly settings: Settings
  readonly onChange: (patch: SettingsPatch) => void
}

export function SettingsForm({ settings, onChange }: Props) {
  return fieldGroups.map(({ title, note, fields }) => (
    <Section key={title} title={title} note={note} className="mb-6">
      {fields.map((field) => (
        <FieldRow key={field.title} field={field} settings={settings} onChange={onChange} />
      ))}
    </Section>
  ))
}

function FieldRow({ field, settings, onChange }: Props & { field: Field }) {
  const hint = useId()
  const own = { id: `${hint}-field`, hint }
  return (
    <div className="grid grid-cols-[136px_156px_minmax(0,1fr)] gap-x-4 items-center min-h-[40px] py-1 border-b border-line">
      <label htmlFor={own.id}>{field.title}</label>
      {field.kind === 'choice' && <Choice field={field} settings={settings} onChange={onChange} {...own} />}
      {field.kind === 'number' && <Numeric field={field} settings={settings} onChange={onChange} {...own} />}
      {field.kind === 'text' && <Text field={field} settings={settings} onChange={onChange} {...own} />}
      <span id={hint} className="text-small text-ink-3">
        {field.hint}
      </span>
    </div>
  )
}

interface Own<F> extends Props {
  readonly field: F
  readonly id: string
  readonly hint: string
}

function Choice({ field, settings, onChange, id, hint }: Own<ChoiceField>) {
  return (
    <select
      id={id}
      aria-describedby={hint}
      className="field"
      value={field.get(settings)}
      onChange={(event) => onChange(field.set(event.target.value))}
    >
      {field.options.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

function Numeric({ field, settings, onChange, id, hint }: Own<NumberField>) {
  const kept = field.get(settings)
  const [text, setText] = useState(kept === null ? '' : String(kept))
  const read = readNumber(field, text)
  const leave = () => {
    if ('value' in read && read.value !== kept) onChange(field.set(read.value))
  }
  return (
    <span>
      <span className="flex items-center gap-2">
        <input
          id={id}
          aria-describedby={hint}
          aria-invalid={'wrong' in read}
          className="field w-[120px]"
          inputMode="numeric"
          placeholder={field.empty ?? ''}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={leave}
          onKeyDown={(event) => event.key === 'Enter' && leave()}
        />
        <span className="text-small text-ink-3">{field.unit}</span>
      </span>
      {'wrong' in read && (
        <span role="alert" className="block pt-1 text-small text-failed">
          {read.wrong}
        </span>
      )}
    </span>
  )
}

function Text({ field, settings, onChange, id, hint }: Own<TextField>) {
  const kept = field.get(settings)
  const [text, setText] = useState(kept)
  const leave = () => {
    if (text !== kept) onChange(field.set(text))
  }
  return (
    <input
      id={id}
      aria-describedby={hint}
      className="field w-[120px]"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === 'Enter' && leave()}
    />
  )
}
