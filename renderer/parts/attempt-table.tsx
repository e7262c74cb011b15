// Every attempt with its own length, error and saved chunks.
import type { AttemptRow } from '../select-job.ts'

const bars: Readonly<Record<AttemptRow['kind'], string>> = {
  done: 'bg-done',
  failed: 'bg-failed',
  running: 'bg-running',
  other: 'bg-bar-done',
}
const texts: Readonly<Record<AttemptRow['kind'], string>> = {
  done: 'text-done',
  failed: 'text-failed',
  running: 'text-running',
  other: 'text-ink-2',
}

export function AttemptTable({ rows }: { rows: readonly AttemptRow[] }) {
  if (rows.length === 0) return <p className="py-2 text-small text-ink-3">No worker has taken it yet.</p>
  return (
    <>
      <table className="rows table-fixed text-small" aria-label="Attempts">
        <colgroup>
          <col className="w-[26px]" />
          <col className="w-[86px]" />
          <col className="w-[18%]" />
          <col className="w-[84px]" />
          <col />
          <col className="w-[96px]" />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th>Number</th>
            <th>Started</th>
            <th>Share of the longest</th>
            <th>Took</th>
            <th>Outcome</th>
            <th>Saved</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.number}>
              <th scope="row" className="!text-ink !font-semibold">
                {row.number}
              </th>
              <td className="whitespace-nowrap">{row.started}</td>
              <td>
                <div className="h-[10px] bg-bar-idle">
                  <div className={`h-full ${bars[row.kind]}`} style={{ width: `${row.share}%` }} />
                </div>
              </td>
              <td className="num whitespace-nowrap">{row.wall}</td>
              <td
                colSpan={row.note === '' ? 2 : 1}
                className={`${texts[row.kind]} leading-[17px] py-[5px]! [overflow-wrap:anywhere]`}
              >
                {row.text}
              </td>
              {row.note !== '' && <td className="text-ink-3 text-right whitespace-nowrap">{row.note}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 1 && <p className="mt-[9px] text-small text-ink-3">The longest attempt fills the bar.</p>}
    </>
  )
}
