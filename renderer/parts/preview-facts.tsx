// The lines of a preview: what, how many, what not, the literal command, undo, and the number to type.
import type { Preview } from '../../electron/contract/action.ts'
import { thingOf } from '../action-things.ts'
import { count, whole } from '../format.ts'
import { CopyButton } from './copy-button.tsx'
import { Glyph } from './glyph.tsx'
import { DiffLines, PreviewTable } from './preview-table.tsx'

interface Props {
  readonly preview: Preview
  /** null: nothing needs to be typed. */
  readonly typed: string | null
  readonly onType: (text: string) => void
}

export function PreviewFacts({ preview, typed, onType }: Props) {
  const { one, many } = thingOf(preview.action)
  const rest = preview.count - preview.sample.length
  return (
    <dl className="facts border-t border-line">
      {preview.table !== null && preview.table.rows.length > 0 && (
        <>
          <dt className="capitalize">{preview.table.columns[0] === 'Service' ? 'Services' : many}</dt>
          <dd className="!py-[6px] min-w-0 overflow-x-auto">
            <PreviewTable table={preview.table} />
          </dd>
        </>
      )}
      {preview.sample.length > 0 && (
        <>
          <dt>{count(preview.count, one, many)}</dt>
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
            {rest > 0 && <p className="text-small text-ink-3 pt-[3px]">and {whole(rest)} more</p>}
          </dd>
        </>
      )}
      {preview.diff !== null && (
        <>
          <dt>Change</dt>
          <dd className="min-w-0">
            <DiffLines lines={preview.diff} />
          </dd>
        </>
      )}
      {preview.notTouched.length > 0 && (
        <>
          <dt>Not touched</dt>
          <dd>{preview.notTouched.map((text) => text.replace(/\.?$/, '.')).join(' ')}</dd>
        </>
      )}
      {preview.know.length > 0 && (
        <>
          <dt>Know this</dt>
          <dd>
            <ul className="flex flex-col gap-1">
              {preview.know.map((text) => (
                <li key={text} className="flex gap-[9px]">
                  <span className="pt-[3px]">
                    <Glyph name="attention" />
                  </span>
                  {text}
                </li>
              ))}
            </ul>
          </dd>
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
              Type the number of {many}
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
