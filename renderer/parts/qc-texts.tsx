// What operators are told beside a finding of a QC service: one line each, as the runbook says until it is changed.
import type { QcTexts } from '../../electron/contract/qc-texts.ts'
import type { SystemDraft } from '../system-form.ts'

const titles: readonly { name: keyof QcTexts & string; title: string }[] = [
  { name: 'database', title: 'Stuck at about 5 %' },
  { name: 'token', title: 'Stuck at 15–20 %' },
  { name: 'ffmpeg', title: 'Stuck at 50–70 %' },
  { name: 'memory', title: 'Several at one percent' },
  { name: 'other', title: 'Stuck elsewhere' },
  { name: 'recovery', title: 'No auto-recovery' },
  { name: 'dependency', title: 'Dependency not ok' },
  { name: 'escalation', title: 'After 30 minutes' },
  { name: 'contacts', title: 'Contacts' },
]

export function QcTextFields({ draft, onChange }: { draft: SystemDraft; onChange: (draft: SystemDraft) => void }) {
  const texts = draft.rest.texts as QcTexts | undefined
  // A new system has the runbook's texts; they can be changed once it is watched.
  if (texts === undefined) return null
  const set = (name: string, text: string) => {
    const lines = text.split('\n')
    onChange({ ...draft, rest: { ...draft.rest, texts: { ...texts, [name]: lines } } })
  }
  return (
    <details className="mt-5">
      <summary className="font-semibold py-1">Hints and contacts</summary>
      {titles.map(({ name, title }) => {
        const lines = texts[name] as readonly string[]
        return (
          <div
            key={name}
            className="grid grid-cols-[124px_minmax(0,1fr)] max-small:grid-cols-1 gap-x-4 py-[7px] border-b border-line"
          >
            <label htmlFor={`texts-${name}`} className="leading-5">
              {title}
            </label>
            <textarea
              id={`texts-${name}`}
              className="field w-full !h-auto !py-1"
              rows={Math.max(2, lines.length)}
              value={lines.join('\n')}
              onChange={(event) => set(name, event.target.value)}
            />
          </div>
        )
      })}
    </details>
  )
}
