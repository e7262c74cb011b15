// The lines of a preview: what, how many, what not, the literal command, undo, and the number to type.
import type { Preview } from '../../electron/contract/action.ts'
import { count } from '../format.ts'
import { CopyButton } from './copy-button.tsx'

interface Props {
  readonly preview: Preview
  /** null: nothing needs to be typed. */
  readonly typed: string | null
  readonly onType: (text: string) => void
}

/** What a system action works on is the worker; all others work on jobs. */
const oneOf = ({ action }: Preview) => (action.endsWith('-worker') ? 'worker' : 'job')

export function PreviewFacts({ preview, typed, onType }: Props) {
  const rest = preview.count - preview.sample.length
  return (
    <dl className="facts border-t border-line">
      {preview.sample.length > 0 && (
        <>
          <dt>{count(preview.count, oneOf(preview))}</dt>
          <dd className="!py-[6px]">
            <ul aria-label="Sample of what it touches">
              {preview.sample.slice(0, 6).map((item) => (
                <li key={item.id} className="flex gap-4 py-[3px] border-b border-line last:border-0">
                  <span className="clip flex-1 min-w-[45%]" title={item.title}>
                    {item.title}
                  </span>
                  <span className="text-small text-ink-3 clip leading-5" title={item.note}>
                    {item.note}
                  </span>
                </li>
              ))}
            </ul>
            {rest > 0 && <p className="text-small text-ink-3 pt-[3px]">and {rest} more</p>}
          </dd>
        </>
      )}
      {preview.notTouched.length > 0 && (
        <>
          <dt>Not touched</dt>
          <dd>{preview.notTouched.map((text) => text.replace(/\.?$/, '.')).join(' ')}</dd>
        </>
      )}
      {preview.command !== null && (
        <>
          <dt>Command</dt>
          <dd className="flex items-start gap-[10px]">
            <code className="flex-1 min-w-0 max-h-[92px] overflow-auto whitespace-pre-wrap break-words px-[9px] py-[5px] bg-sunken border border-line rounded-1">
              {preview.command}
            </code>
            <CopyButton text={preview.command} shortcut />
          </dd>
        </>
      )}
      <dt>Undo</dt>
      <dd>{preview.undo}</dd>
      {typed !== null && (
        <>
          <dt>Confirm</dt>
          <dd>
            <label className="flex items-center gap-[9px]">
              Type the number of jobs
              <input
                id="typed-count"
                className="field w-16"
                value={typed}
                autoComplete="off"
                inputMode="numeric"
                onChange={(event) => onType(event.target.value)}
              />
            </label>
          </dd>
        </>
      )}
    </dl>
  )
}
