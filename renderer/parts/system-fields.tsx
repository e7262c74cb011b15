// The fields of a system, each with what its part answered, or with what is wrong before anything is tried.
import type { PartCheck } from '../../electron/contract/connecting.ts'
import type { FieldName, FormField, SystemDraft } from '../system-form.ts'
import { PartChecks } from './part-checks.tsx'
import { SecretField } from './secret-field.tsx'

interface Props {
  readonly fields: readonly FormField[]
  readonly draft: SystemDraft
  readonly wrong: Partial<Record<FieldName, string>>
  readonly checks: readonly PartCheck[]
  readonly old: boolean
  readonly onChange: (draft: SystemDraft) => void
}

export function SystemFields({ fields, draft, wrong, checks, old, onChange }: Props) {
  return fields.map((field) => {
    const { name } = field
    const text = draft.fields[name]
    const sentence = wrong[name]
    // An empty field is not a fault while it is being filled in; saving says that it is needed.
    const said = text === '' ? undefined : sentence
    return (
      <div
        key={name}
        className="grid grid-cols-[124px_minmax(0,1fr)_minmax(0,1fr)] max-small:grid-cols-1 gap-x-4 gap-y-1 items-start py-[7px] border-b border-line"
      >
        <label htmlFor={`system-${name}`} className="leading-8">
          {field.title}
          {field.needed && <span className="text-ink-3"> *</span>}
        </label>
        <SecretField
          id={`system-${name}`}
          value={text}
          secret={field.secret}
          placeholder={field.hint}
          describedBy={`system-${name}-said`}
          wrong={said !== undefined}
          onChange={(value) => onChange({ ...draft, fields: { ...draft.fields, [name]: value } })}
        />
        <div id={`system-${name}-said`} aria-live="polite" className="pt-[7px] flex flex-col gap-[3px] min-h-[26px]">
          {said === undefined ? (
            <PartChecks checks={checks.filter(({ part }) => field.parts.includes(part))} old={old} />
          ) : (
            <span className="text-small text-failed">{said}</span>
          )}
        </div>
      </div>
    )
  })
}
