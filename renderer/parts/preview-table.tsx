// The numbers behind a preview: messages by task, services by effect; bars are drawn from their shares.
import type { DiffLine, PreviewTable as Table } from '../../electron/contract/action.ts'

const isNumber = (text: string) => /^[\d.,]+$/.test(text)

export function PreviewTable({ table }: { table: Table }) {
  const bars = table.rows.some(({ share }) => share !== null)
  const numbers = table.columns.map((_, n) => bars && table.rows.every(({ cells }) => isNumber(cells[n] ?? '')))
  // A bar stands behind the number it shows.
  const barAfter = bars ? Math.max(0, numbers.indexOf(true)) : -1
  return (
    <table className="rows [&_:is(td,th)]:!h-[26px] [&_tbody_tr:last-child_td]:border-0">
      <thead>
        <tr>
          {table.columns.map((title, n) => [
            <th key={title} className={numbers[n] ? 'num w-[1%]' : ''}>
              {title}
            </th>,
            n === barAfter && <th key="bar" className="w-[38%]" aria-label="Share" />,
          ])}
        </tr>
      </thead>
      <tbody>
        {table.rows.map(({ cells, share }) => (
          <tr key={cells.join('\n')}>
            {table.columns.map((title, n) => [
              <td key={title} className={numbers[n] ? 'num' : n === 0 ? 'mono' : ''}>
                {cells[n] ?? ''}
              </td>,
              n === barAfter && (
                <td key="bar" aria-hidden="true">
                  {share !== null && (
                    <span className="block h-2 bg-bar-done min-w-[2px]" style={{ width: `${share * 100}%` }} />
                  )}
                </td>
              ),
            ])}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const signs = { same: ' ', removed: '−', added: '+' } as const
const colours = { same: 'text-ink-3', removed: 'bg-critical-tint', added: 'bg-ok-tint' } as const
const words = { same: '', removed: 'removed: ', added: 'added: ' } as const

/** A change to a file, line by line; secrets are masked where it was made. */
export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <code className="block max-h-[190px] overflow-auto border border-line rounded-1 bg-sunken py-[3px]">
      {lines.map(({ kind, text }, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines may repeat, and the list never changes once shown
        <span key={n} className={`flex gap-[9px] px-[9px] ${colours[kind]}`}>
          <span aria-hidden="true" className="w-[1ch] flex-none">
            {signs[kind]}
          </span>
          <span className="sr-only">{words[kind]}</span>
          <span className="whitespace-pre-wrap [overflow-wrap:anywhere] min-w-0">{text === '' ? ' ' : text}</span>
        </span>
      ))}
    </code>
  )
}
