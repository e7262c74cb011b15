// What the verdict rests on: value, source, age.
import type { EvidenceRow } from '../verdict.ts'

export function EvidenceTable({ rows }: { rows: readonly EvidenceRow[] }) {
  return (
    <table className="evidence">
      <colgroup>
        <col className="w-[88px]" />
        <col />
        <col className="w-[80px]" />
        <col className="w-[56px]" />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">Evidence</th>
          <th scope="col">
            <span className="sr-only">Value</span>
          </th>
          <th scope="col">Source</th>
          <th scope="col">Age</th>
        </tr>
      </thead>
      <tbody>
        {keyed(rows).map(({ key, row }) => (
          <tr key={key}>
            <th scope="row" title={row.label}>
              <span className="line-clamp-2 wrap-anywhere">{row.label}</span>
            </th>
            <td title={row.strong + row.rest}>
              <span className={`line-clamp-2 wrap-anywhere ${row.unknown ? 'unk' : ''}`}>
                {row.strong !== '' && <b>{row.strong}</b>}
                {row.rest}
              </span>
            </td>
            <td className="text-small text-ink-3 clip">{row.source}</td>
            <td className="text-small text-ink-3 whitespace-nowrap">{row.age}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Two rows may have one label (two heartbeats): each is the first, the second … of its label. */
function keyed(rows: readonly EvidenceRow[]) {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const n = (seen.get(row.label) ?? 0) + 1
    seen.set(row.label, n)
    return { key: `${row.label} ${n}`, row }
  })
}
