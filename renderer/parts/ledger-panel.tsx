// Database, broker, workers and past attempts side by side: what agrees, what does not, and Flower’s number explained.
import type { Reconciliation } from '../../electron/contract/proof.ts'
import { count, failureText, whole } from '../format.ts'
import type { ProofModel } from '../select-proof.ts'
import { useAnswer } from '../services.tsx'
import { Glyph } from './glyph.tsx'
import { JobNames } from './job-names.tsx'
import { FailureNote, Section } from './section.tsx'

const ledgers = [
  { ledger: 'database', title: 'Database' },
  { ledger: 'broker', title: 'Broker' },
  { ledger: 'workers', title: 'Workers' },
  { ledger: 'attempts', title: 'Past attempts' },
] as const

export function LedgerPanel({ model }: { model: ProofModel }) {
  const { system } = model
  const answer = useAnswer(`${system} ${model.revision}`, 'Compare the ledgers', (client, signal) =>
    client.proof.ledgers({ system }, { signal }),
  )
  const books = answer.value
  if (books === null)
    return answer.failure === null ? (
      <p className="py-4 text-ink-3">Reading the ledgers.</p>
    ) : (
      <FailureNote text={failureText(answer.failure)} again={answer.again} />
    )
  return (
    <div className="pb-6">
      <Numbers books={books} />
      <Section title="Where they disagree" className="mt-6">
        {books.discrepancies.length === 0 && <p className="py-2 text-ink-3">Nowhere, as far as they could be read.</p>}
        {books.discrepancies.map((one) => (
          <div key={one.kind} className="py-2 border-b border-line">
            <p className="flex items-center gap-2 text-attention">
              <Glyph name="attention" size={13} /> {one.sentence}
            </p>
            <div className="pl-[21px]">
              <JobNames system={system} jobs={one.jobs} more={one.count - one.jobs.length} />
            </div>
          </div>
        ))}
      </Section>
      <Compared title="Where they agree" lines={books.agreements} glyph="ok" />
      <Compared title="What could not be compared" lines={books.unread} glyph="unknown" />
      {books.attempts !== null && <Attempts system={system} attempts={books.attempts} />}
    </div>
  )
}

interface ComparedProps {
  readonly title: string
  readonly lines: readonly string[]
  readonly glyph: 'ok' | 'unknown'
}

function Compared({ title, lines, glyph }: ComparedProps) {
  if (lines.length === 0) return null
  return (
    <Section title={title} className="mt-6">
      <ul>
        {lines.map((line) => (
          <li key={line} className="flex items-center gap-2 py-[5px] border-b border-line text-ink-2">
            <Glyph name={glyph} size={13} /> {line}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Numbers({ books }: { books: Reconciliation }) {
  return (
    <div className="grid grid-cols-4 max-narrow:grid-cols-2 gap-8 mt-4">
      {ledgers.map(({ ledger, title }) => (
        <Section key={ledger} title={title}>
          <dl>
            {books.numbers
              .filter((one) => one.ledger === ledger)
              .map(({ label, value }) => (
                <div key={label} className="flex gap-3 py-[5px] border-b border-line">
                  <dt className="text-ink-2 clip">{label}</dt>
                  <dd className="ml-auto font-semibold">
                    {value === null ? <span className="unk">unknown</span> : whole(value)}
                  </dd>
                </div>
              ))}
          </dl>
        </Section>
      ))}
    </div>
  )
}

function Attempts({ system, attempts }: { system: string; attempts: NonNullable<Reconciliation['attempts']> }) {
  return (
    <Section title="Flower’s number and the database’s" className="mt-6">
      <p className="py-2">{attempts.sentence}</p>
      {attempts.jobs.length > 0 && (
        <ul className="columns-2 max-narrow:columns-1 gap-8">
          {attempts.jobs.map((job) => (
            <li key={job.id} className="flex items-baseline gap-3 py-[3px] text-small break-inside-avoid">
              <JobNames system={system} jobs={[job]} more={0} />
              <span className="ml-auto whitespace-nowrap text-ink-2">
                {count(job.attempts, 'attempt')}, {job.state ?? 'no such job'}
              </span>
            </li>
          ))}
        </ul>
      )}
      {attempts.unnamed > 0 && (
        <p className="py-1 text-small text-ink-3">
          {count(attempts.unnamed, 'attempt')} of them cannot be tied to a job.
        </p>
      )}
    </Section>
  )
}
