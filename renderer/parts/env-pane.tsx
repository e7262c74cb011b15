// The .env of a stack: its keys with what they mean, or the file as it is.
import { lazy, Suspense, useState } from 'react'
import type { EnvEntry, EnvView } from '../../electron/contract/service.ts'
import { failureText } from '../format.ts'
import { useKey } from '../keys.ts'
import type { StackModel } from '../select-stack.ts'
import { useAnswer } from '../services.tsx'
import { type Act, ActBar } from './act-bar.tsx'
import { Kbd } from './button.tsx'
import { EnvTable } from './env-table.tsx'
import { FailureNote } from './section.tsx'

const EnvRaw = lazy(() => import('./env-raw.tsx'))
const TIMEOUT = 'TASK_TIMEOUT_SECONDS'

export function EnvPane({ model }: { model: StackModel }) {
  const { system } = model
  const [raw, setRaw] = useState(false)
  const [at, setAt] = useState<string | null>(null)
  const answer = useAnswer(`${system} ${model.envRevision}`, 'Read the .env', (client, signal) =>
    client.stack.env({ system }, { signal }),
  )
  useKey('w', () => setRaw(!raw))
  const view = answer.value
  const entries = view?.entries ?? []
  const chosen =
    entries.find(({ key }) => key === at) ??
    entries.find(({ unapplied }) => unapplied) ??
    entries.find(({ key }) => key === TIMEOUT) ??
    entries[0]
  return (
    <div className="flex flex-col min-h-0 flex-1 pb-4">
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {view === null && answer.failure === null && <p className="py-4 text-ink-3">Reading the file.</p>}
      {view !== null && (
        <>
          <div className="mt-2">
            <ActBar system={system} revision={`${view.hash} ${chosen?.key}`} acts={raw ? [] : actsOn(entries, chosen)}>
              <code className="font-semibold">{view.path}</code>
              <span className="text-small text-ink-3">{fileText(view)}</span>
              <label className="flex items-center gap-2 text-small text-ink-2">
                <input type="checkbox" checked={raw} onChange={() => setRaw(!raw)} />
                Whole file <Kbd>W</Kbd>
              </label>
            </ActBar>
          </div>
          {raw ? (
            <Suspense fallback={<p className="py-4 text-ink-3">Opening the editor.</p>}>
              <EnvRaw system={system} view={view} again={answer.again} />
            </Suspense>
          ) : (
            <EnvTable system={system} entries={entries} chosen={chosen?.key ?? null} onChoose={setAt} />
          )}
        </>
      )}
    </div>
  )
}

function fileText({ lineEnding, bom, entries }: EnvView): string {
  return [`${entries.length} variables`, `${lineEnding} line ends`, bom ? 'with a byte order mark' : '']
    .filter(Boolean)
    .join(', ')
}

function actsOn(entries: readonly EnvEntry[], chosen: EnvEntry | undefined): Act[] {
  const timeout = entries.find(({ key }) => key === TIMEOUT)
  const set = (key: string, value: string | null, letter: string): Act => ({
    id: 'set-env',
    label: `Set ${key}`,
    key: letter,
    ids: null,
    params: { [key]: value ?? 'none' },
    nothing: null,
  })
  const own = chosen === undefined || chosen.key === TIMEOUT ? [] : [chosen]
  return [
    ...(chosen?.unapplied ? [apply(chosen)] : []),
    ...own.map((entry) => ({
      ...set(entry.key, entry.value, 's'),
      nothing: entry.secret ? 'It is a secret: it is changed in the whole file.' : null,
    })),
    // Runbook 1 begins with two hours, whatever stands there now.
    set(TIMEOUT, timeout?.value == null || timeout.value === '1800' ? '7200' : timeout.value, 't'),
  ]
}

/** The value that the file has already, in new containers. */
function apply({ key, value, secret }: EnvEntry): Act {
  return {
    id: 'set-env',
    label: `Apply ${key}`,
    key: 'Enter',
    ids: null,
    params: { [key]: value ?? 'none' },
    primary: true,
    nothing: secret ? 'It is a secret: saving the whole file applies it.' : null,
  }
}
