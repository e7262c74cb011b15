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
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row" className="clip">
              {row.label}
            </th>
            <td className="clip" title={row.strong + row.rest}>
              <span className={row.unknown ? 'unk inline-block max-w-full clip align-middle' : ''}>
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
