// One row an appearance of a finding: when, how long, what happened to it until it cleared.
import { hashOf } from '../route.ts'
import type { EpisodeRow } from '../select-findings.ts'
import { Glyph, levelGlyph } from './glyph.tsx'

export function EpisodeTable({ rows }: { rows: readonly EpisodeRow[] }) {
  return (
    <table className="rows table-fixed mt-3" aria-label="Findings">
      <thead>
        <tr>
          <th className="w-[120px]">Since</th>
          <th className="w-[150px]">Lasted</th>
          <th>Finding</th>
          <th className="w-[32%]">What happened to it</th>
          <th className="w-[90px]">System</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, key, level, word, system, headline, since, lasted, open, changes }) => (
          <tr key={id}>
            <td className="whitespace-nowrap align-top! pt-2!">{since}</td>
            <td className="whitespace-nowrap align-top! pt-2!">
              {lasted}
              {open && <span className="text-ink-3">, still there</span>}
            </td>
            <td className="py-2! align-top!">
              <span className="flex gap-[7px]">
                <span className="flex-none pt-[2px]">
                  <Glyph name={levelGlyph[level]} label={word} />
                </span>
                {open ? <a href={hashOf({ view: 'finding', key })}>{headline}</a> : <span>{headline}</span>}
              </span>
            </td>
            <td className="py-2! align-top! text-small text-ink-2">
              <ul>
                {changes.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </td>
            <td className="clip align-top! pt-2!">{system}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
