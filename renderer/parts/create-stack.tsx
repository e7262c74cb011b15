// A transcription stack of one's own: where to write it, what it is called, and how far its creation is.
import { useState } from 'react'
import { useAnswer, useServices, useView } from '../services.tsx'
import { creationOf } from '../stack-creation.ts'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'
import { Progress } from './progress.tsx'
import { Section } from './section.tsx'

const fields = [
  { name: 'folder', title: 'Folder', hint: 'C:\\app, empty or not there yet' },
  { name: 'project', title: 'Project', hint: 'app' },
  { name: 'id', title: 'Name here', hint: 'calls' },
] as const

/** Nothing where no system offers it. */
export function CreateStack() {
  const { flow } = useServices()
  const [values, setValues] = useState({ folder: '', project: 'app', id: 'app' })
  const model = useView(({ snapshot }) => ({
    system: snapshot?.systems.find(({ kind }) => kind === 'local')?.id ?? snapshot?.systems[0]?.id ?? 'local',
    creation: snapshot === null ? null : creationOf(snapshot.host),
  }))
  const { system, creation } = model
  const answer = useAnswer(system, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  const offered = answer.value?.find(({ id }) => id === 'create-stack')
  if (offered === undefined) return null
  const folder = values.folder.trim()
  const open = () =>
    void flow.open({ action: 'create-stack', system, target: 'all', params: { ...values, folder } }, 'Create the stack')
  return (
    <Section title="A new stack" note="Postgres, Redis, API, worker and beat, from scratch" className="pt-[6px]">
      <p className="py-2 text-ink-2">
        Written to a folder with secrets of its own, then started. A stack that exists is never changed by this.
      </p>
      {fields.map(({ name, title, hint }) => (
        <label key={name} className="flex items-center gap-4 min-h-[40px] border-b border-line">
          <span className="w-[124px] flex-none">{title}</span>
          <input
            className="field flex-1 !h-8 !text-body"
            placeholder={hint}
            value={values[name]}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        </label>
      ))}
      <div className="flex flex-wrap items-center gap-3 pt-3">
        <Button blocked={offered.blocked ?? (folder === '' ? 'Name the folder first.' : null)} onPress={open}>
          Create stack…
        </Button>
      </div>
      {creation !== null && (
        <div role="status" className="flex items-center gap-4 pt-3 text-small">
          {creation.bad ? (
            <span className="flex gap-2 text-failed">
              <Glyph name="failed" />
              {creation.step}
            </span>
          ) : (
            <>
              <span className="w-[240px]">
                <Progress label="Creating the stack" percent={null} />
              </span>
              <span className="text-ink-2">{creation.step}</span>
            </>
          )}
        </div>
      )}
    </Section>
  )
}
