// Setting up one system: a new one, a found one, or one that is watched already.
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { useKey } from '../keys.ts'
import { Button } from '../parts/button.tsx'
import { Main } from '../parts/main.tsx'
import { Empty, FailureNote } from '../parts/section.tsx'
import { SystemForm } from '../parts/system-form.tsx'
import { go, hashOf, type Route } from '../route.ts'
import { useAnswer, useServices, useStore } from '../services.tsx'
import { keepSystemDraft, systemDrafts } from '../system-drafts.ts'
import { firstWrong, wrongIn } from '../system-faults.ts'
import { blankDraft, draftOf, type FormKind, type SystemDraft, systemOf } from '../system-form.ts'

const list: Route = { view: 'settings', part: 'systems' }
const kinds: readonly { kind: FormKind; text: string }[] = [
  { kind: 'recordings', text: 'Recordings: Postgres, Celery and compose' },
  { kind: 'crawl', text: 'Crawl runs' },
  { kind: 'qc', text: 'QC: an HTTP API' },
]

export function SystemView({ id }: { id: string | null }) {
  const { client, notices } = useServices()
  const answer = useAnswer('systems', 'Read the settings', (own, signal) => own.settings.get({}, { signal }))
  const kept = useStore(systemDrafts)[id ?? '']
  const systems = answer.value?.systems ?? []
  const edited = systems.find((system) => system.id === id) ?? null
  const draft = kept ?? (id === null ? blankDraft('recordings') : edited === null ? null : draftOf(edited))
  const leave = () => {
    keepSystemDraft(id, null)
    go(list)
  }
  const save = (ready: SystemDraft) => {
    const here = location.hash
    client.systems.save({ system: systemOf(ready), replaces: id }).then(
      () => {
        notices.say(`${ready.fields.id} is watched from now on.`)
        keepSystemDraft(id, null)
        // Who has gone elsewhere meanwhile is not fetched back.
        if (location.hash === here) go(list)
      },
      (error: unknown) => notices.say(failureText(failureOf(error, 'Keep the system')), true),
    )
  }
  useKey('Escape', leave)
  if (answer.value === null || draft === null)
    return (
      <Main label="System">
        {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
        {answer.value !== null && (
          <Empty title={id === 'local' ? 'The local system sets itself up.' : `No system is called ${id}.`}>
            <a href={hashOf(list)}>All systems</a>
          </Empty>
        )}
      </Main>
    )
  const taken = systems.map((system) => system.id).filter((other) => other !== id)
  const wrong = firstWrong(draft, wrongIn(draft, taken))
  return (
    <Main label="System">
      <nav aria-label="Where this is" className="text-small text-ink-3 mb-[6px]">
        <a href={hashOf(list)}>Settings, Systems</a> / {id ?? 'new'}
      </nav>
      <h1 className="text-title font-display">{id === null ? 'Add a system' : `Edit ${id}`}</h1>
      <p className="mt-1 mb-3 text-ink-2">
        Only what is marked * is needed. Trying a part reads it and changes nothing. Passwords move to the secret store
        and are never shown again.
      </p>
      {id === null && <Kinds kind={draft.kind} onChoose={(kind) => keepSystemDraft(id, { ...draft, kind })} />}
      <SystemForm draft={draft} edited={edited} taken={taken} onChange={(next) => keepSystemDraft(id, next)} />
      <div className="sticky bottom-0 flex flex-wrap items-center gap-3 py-3 mt-6 bg-bg border-t border-line">
        <Button tone="primary" blocked={wrong} shortcut={{ key: 'Ctrl+s', text: 'Ctrl S' }} onPress={() => save(draft)}>
          {id === null ? 'Watch this system' : 'Keep the changes'}
        </Button>
        <Button onPress={leave} shortcut={{ key: 'Escape', text: 'Esc' }}>
          Leave without keeping
        </Button>
      </div>
    </Main>
  )
}

function Kinds({ kind, onChoose }: { kind: FormKind; onChoose: (kind: FormKind) => void }) {
  return (
    <fieldset className="flex flex-wrap gap-x-6 gap-y-2 py-2 border-b border-line">
      <legend className="sr-only">Kind of system</legend>
      {kinds.map((one) => (
        <label key={one.kind} className="flex items-center gap-2">
          <input
            type="radio"
            name="kind"
            className="accent-(--accent)"
            checked={one.kind === kind}
            onChange={() => onChoose(one.kind)}
          />
          {one.text}
        </label>
      ))}
    </fieldset>
  )
}
