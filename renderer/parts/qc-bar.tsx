// A QC service above its jobs: what it leans on, and what it can be ordered as a whole.
import type { QcModel } from '../select-qc.ts'
import { type Act, ActBar } from './act-bar.tsx'
import { Glyph, levelColour, levelGlyph } from './glyph.tsx'

const acts: readonly Act[] = [
  { id: 'trigger-worker', label: 'Trigger the worker', key: 'w', ids: null },
  { id: 'cancel-stuck', label: 'Cancel stuck jobs', ids: null },
]

export function QcBar({ system, model }: { system: string; model: QcModel }) {
  const { value, lost } = model.dependencies
  return (
    <div className="mt-3">
      <ActBar system={system} revision={model.revision} acts={acts}>
        <b className="text-small">Leans on</b>
        <ul aria-label="Dependencies" className="flex flex-wrap gap-x-[18px] gap-y-1 text-small">
          {(value ?? []).map(({ name, level, text }) => (
            <li key={name} title={text} className="flex items-center gap-[6px]">
              <Glyph name={levelGlyph[lost === null ? level : 'unknown']} />
              <span>{name}</span>
              {level !== 'clear' && <span className={levelColour[level]}>{text}</span>}
            </li>
          ))}
          {lost !== null && <li className="text-unknown">{lost.because}</li>}
        </ul>
      </ActBar>
    </div>
  )
}
