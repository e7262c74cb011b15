// The job in three books side by side; each disagreement in a sentence, and what could not be read.
import type { Job } from '../../electron/contract/job.ts'
import type { JobLedgers as Ledgers } from '../../electron/contract/task.ts'
import { anyQueue, hashOf } from '../route.ts'
import { type Ledger, ledgersOf, pastAttempts } from '../select-ledgers.ts'
import { Glyph } from './glyph.tsx'

export function JobLedgers({ job, ledgers }: { job: Job; ledgers: Ledgers }) {
  const { mismatches, unread } = ledgers
  return (
    <section aria-label="Ledgers" className="flex-none -mt-px border-t border-line">
      <div className="grid grid-cols-3 max-small:grid-cols-1 border-b border-line">
        {ledgersOf(job, ledgers).map((ledger) => (
          <Cell key={ledger.title} ledger={ledger} job={job} linked={ledgers.messages.length > 0} />
        ))}
      </div>
      {mismatches.length + unread.length > 0 && (
        <ul aria-label="Where they disagree" className="py-2 border-b border-line">
          {mismatches.map(({ kind, sentence }) => (
            <li key={`${kind} ${sentence}`} className="flex gap-[7px] py-[2px]">
              <span className="pt-[3px]">
                <Glyph name="attention" label="Disagreement" />
              </span>
              {sentence}
            </li>
          ))}
          {unread.map((sentence) => (
            <li key={sentence} className="flex gap-[7px] py-[2px] text-unknown">
              <span className="pt-[3px]">
                <Glyph name="unknown" label="Not read" />
              </span>
              {sentence} What it would say is unknown.
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Cell({ ledger, job, linked }: { ledger: Ledger; job: Job; linked: boolean }) {
  const { title, glyph, headline, note, marked } = ledger
  return (
    <div
      className={`px-5 first:pl-0 max-small:px-0 py-2 border-l border-line first:border-l-0 max-small:border-l-0 border-t-2 ${marked ? 'border-t-attention-mark' : 'border-t-transparent'}`}
    >
      <h2 className="text-small text-ink-3 font-normal!">{title}</h2>
      <p className="flex items-center gap-[7px] py-[2px]">
        <Glyph name={glyph} />
        <b className={glyph === 'unknown' ? 'unk' : ''}>{headline}</b>
      </p>
      <p className="text-small text-ink-2">
        {note}
        {title === 'Broker' && linked && (
          <>
            {' · '}
            <a href={hashOf({ ...anyQueue, system: job.system, part: 'messages', job: job.id })}>see them</a>
          </>
        )}
      </p>
    </div>
  )
}

/** What the result backend still holds of it; nothing where it holds nothing. */
export function PastAttempts({ ledgers, now }: { ledgers: Ledgers; now: number }) {
  const rows = pastAttempts(ledgers.results, now)
  if (rows.length === 0) return null
  return (
    <table className="rows table-fixed text-small" aria-label="Attempts on record in the broker">
      <thead>
        <tr>
          <th className="w-[98px]">Ended</th>
          <th>In the result backend</th>
          <th className="w-[40%]">
            <span className="sr-only">Retry and source</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} title={`Task ${row.id}`}>
            <td className="whitespace-nowrap">{row.when}</td>
            <td className="clip">
              <code className={row.bad ? 'text-failed' : ''}>{row.text}</code>
            </td>
            <td className="text-ink-3 text-right clip">{row.note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
