// What operators are told beside a finding of a QC service: one line each, as the runbook says until it is changed.
import type { QcTextName, QcTexts } from '../../electron/contract/qc-texts.ts'
import type { SystemDraft } from '../system-form.ts'

const titles: Readonly<Record<QcTextName, string>> = {
  database: 'Stuck at about 5 %',
  drive: 'Stuck at 15–20 %',
  ffmpeg: 'Stuck at 50–70 %',
  memory: 'Several at one percent',
  other: 'Stuck elsewhere',
  recovery: 'No auto-recovery',
  dependency: 'Dependency not ok',
  escalation: 'After 30 minutes',
  contacts: 'Contacts',
}
const names = Object.keys(titles) as QcTextName[]

export function QcTextFields({ draft, onChange }: { draft: SystemDraft; onChange: (draft: SystemDraft) => void }) {
  const texts = draft.rest.texts as QcTexts | undefined
  // A new system has the runbook's texts; they can be changed once it is watched.
  if (texts === undefined) return null
  const set = (name: QcTextName, text: string) => {
    const lines = text.split('\n')
    onChange({ ...draft, rest: { ...draft.rest, texts: { ...texts, [name]: lines } } })
  }
  return (
    <details className="mt-5">
      <summary className="font-semibold py-1">Hints and contacts</summary>
      {names.map((name) => {
        const lines = texts[name]
        return (
          <div
            key={name}
            className="grid grid-cols-[124px_minmax(0,1fr)] max-small:grid-cols-1 gap-x-4 py-[7px] border-b border-line"
          >
            <label htmlFor={`texts-${name}`} className="leading-5">
              {titles[name]}
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
