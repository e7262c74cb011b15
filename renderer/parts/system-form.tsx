// The form of one system: its fields, each part tried as it is typed, and the mapping of its table.
import type { SystemSettings } from '../../electron/contract/settings.ts'
import { failureText } from '../format.ts'
import { useAnswer } from '../services.tsx'
import { trialOf, wrongIn } from '../system-faults.ts'
import { celeryFields, formFields, type SystemDraft, systemOf } from '../system-form.ts'
import { useSettled } from '../use-settled.ts'
import { CrawlTablesFields } from './crawl-tables.tsx'
import { MappingEditor } from './mapping-editor.tsx'
import { QcTextFields } from './qc-texts.tsx'
import { FailureNote, Section } from './section.tsx'
import { SystemFields } from './system-fields.tsx'

interface Props {
  readonly draft: SystemDraft
  /** The configured system that is edited; null for a new one. */
  readonly edited: SystemSettings | null
  readonly taken: readonly string[]
  readonly onChange: (draft: SystemDraft) => void
}

export function SystemForm({ draft, edited, taken, onChange }: Props) {
  const wrong = wrongIn(draft, taken)
  const trial = trialOf(draft, wrong, edited?.id ?? null)
  const testable = trial !== null
  const text = testable ? JSON.stringify(systemOf(trial)) : ''
  const settled = useSettled(text)
  const tried = useAnswer(settled, 'Try this system', async (client, signal) =>
    settled === '' ? [] : client.systems.test({ system: JSON.parse(settled) }, { signal }),
  )
  const checks = testable ? (tried.value ?? []) : []
  const old = tried.asking || settled !== text
  const shared = { draft, wrong, checks, old, onChange }
  return (
    <>
      <SystemFields fields={formFields[draft.kind]} {...shared} />
      <p role="status" className="pt-2 h-[26px] text-small text-ink-3">
        {!testable
          ? 'Each part is tried as soon as what is needed is there.'
          : old
            ? 'Trying each part.'
            : 'Each part was tried just now; nothing was changed in it.'}
      </p>
      {tried.failure !== null && <FailureNote text={failureText(tried.failure)} again={tried.again} />}
      {draft.kind === 'recordings' && (
        <Section title="Table" note="which one holds the jobs, and what its words mean" className="mt-4">
          <Mapping draft={draft} edited={edited} onChange={onChange} readable={isReadable(checks)} />
        </Section>
      )}
      {draft.kind === 'crawl' && (
        <CrawlTablesFields
          draft={draft}
          edited={edited?.id ?? null}
          readable={isReadable(checks)}
          onChange={onChange}
        />
      )}
      {draft.kind === 'qc' && <QcTextFields draft={draft} onChange={onChange} />}
      {draft.kind !== 'qc' && (
        <details className="mt-5">
          <summary className="font-semibold py-1">Names in Celery</summary>
          <SystemFields fields={celeryFields[draft.kind]} {...shared} />
        </details>
      )}
    </>
  )
}

const isReadable = (checks: readonly { part: string; state: string }[]) =>
  checks.some(({ part, state }) => part === 'database' && (state === 'ok' || state === 'limited'))

interface MappingProps extends Pick<Props, 'draft' | 'edited' | 'onChange'> {
  readonly readable: boolean
}

function Mapping({ draft, edited, onChange, readable }: MappingProps) {
  const database = useSettled(draft.fields.database)
  const answer = useAnswer(readable ? database : '', 'Look at the tables', async (client, signal) =>
    readable ? client.systems.mapping({ database, system: edited?.id ?? null }, { signal }) : null,
  )
  if (answer.failure !== null) return <FailureNote text={failureText(answer.failure)} again={answer.again} />
  if (answer.value === null)
    return (
      <p className="py-3 text-ink-3">
        {readable ? 'Looking at the tables.' : 'Once the database can be read, its tables are looked at here.'}
      </p>
    )
  if (answer.value.length === 0)
    return (
      <p className="py-3 text-attention">No table in this database looks like jobs. The runbooks call it recordings.</p>
    )
  return (
    <MappingEditor proposals={answer.value} table={draft.table} onChange={(table) => onChange({ ...draft, table })} />
  )
}
