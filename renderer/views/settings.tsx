// How the worker runs, how Unjam looks, where it keeps things, and whether all it needs is there.
import type { SettingsPatch } from '../../electron/contract/settings.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { CheckList } from '../parts/check-list.tsx'
import { HostFacts } from '../parts/host-facts.tsx'
import { Main } from '../parts/main.tsx'
import { FailureNote } from '../parts/section.tsx'
import { SettingsForm } from '../parts/settings-form.tsx'
import { useAnswer, useServices } from '../services.tsx'
import { applyTheme } from '../theme.ts'

export function SettingsView() {
  const { client, notices } = useServices()
  const answer = useAnswer('settings', 'Read the settings', (own, signal) => own.settings.get({}, { signal }))
  const change = (patch: SettingsPatch) => {
    client.settings.update(patch).then(
      (settings) => {
        applyTheme(settings.theme)
        notices.say('Kept.')
        answer.again()
      },
      (error: unknown) => {
        notices.say(failureText(failureOf(error, 'Change the settings')), true)
        answer.again()
      },
    )
  }
  return (
    <Main label="Settings">
      <h1 className="text-title font-display">Settings</h1>
      <p className="mt-1 text-ink-3">
        Kept as soon as a field is left. A running worker starts again with what concerns it, after its last saved
        chunk.
      </p>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      <div className="grid grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)] max-narrow:grid-cols-1 gap-10 mt-4 pb-10">
        <div>
          {answer.value !== null && (
            <SettingsForm key={JSON.stringify(answer.value)} settings={answer.value} onChange={change} />
          )}
        </div>
        <div>
          <CheckList />
          <HostFacts systems={answer.value?.systems ?? []} />
        </div>
      </div>
    </Main>
  )
}
