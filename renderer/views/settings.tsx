// How the worker runs, how Unjam looks, where it keeps things, and whether all it needs is there.
import type { SettingsPatch } from '../../electron/contract/settings.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { AlertSettings } from '../parts/alert-settings.tsx'
import { AutomationPanel } from '../parts/automation-panel.tsx'
import { CheckList } from '../parts/check-list.tsx'
import { CreateStack } from '../parts/create-stack.tsx'
import { FoundStacks } from '../parts/found-stacks.tsx'
import { HostFacts } from '../parts/host-facts.tsx'
import { Main } from '../parts/main.tsx'
import { PartTabs, type Tab } from '../parts/part-tabs.tsx'
import { FailureNote } from '../parts/section.tsx'
import { SettingsForm } from '../parts/settings-form.tsx'
import { SystemList } from '../parts/system-list.tsx'
import { type SettingsPart, settingsParts } from '../route.ts'
import { useAnswer, useServices } from '../services.tsx'
import { applyTheme } from '../theme.ts'

const titles: Readonly<Record<SettingsPart, string>> = {
  general: 'General',
  systems: 'Systems',
  automation: 'Automation',
}

const tabs = (part: SettingsPart): Tab[] =>
  settingsParts.map((one) => ({
    title: titles[one],
    route: { view: 'settings', part: one },
    here: one === part,
    n: null,
  }))

export function SettingsView({ part }: { part: SettingsPart }) {
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
      <PartTabs label="Settings" tabs={tabs(part)} />
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {part === 'automation' && answer.value !== null && (
        <AutomationPanel automations={answer.value.automations} systems={answer.value.systems} onChange={change} />
      )}
      {part === 'systems' && (
        <div className="grid grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)] max-narrow:grid-cols-1 gap-10 mt-4 pb-10">
          <div>
            {answer.value !== null && <SystemList systems={answer.value.systems} onChange={answer.again} />}
            <FoundStacks />
          </div>
          <div>
            <CreateStack />
          </div>
        </div>
      )}
      {part === 'general' && (
        <>
          <p className="mt-3 text-ink-3">
            Kept as soon as a field is left. A running worker starts again with what concerns it, after its last saved
            chunk.
          </p>
          <div className="grid grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)] max-narrow:grid-cols-1 gap-10 mt-4 pb-10">
            <div>
              {answer.value !== null && (
                <div key={JSON.stringify(answer.value)}>
                  <SettingsForm settings={answer.value} onChange={change} />
                  <AlertSettings settings={answer.value} onChange={change} />
                </div>
              )}
            </div>
            <div>
              <CheckList />
              <HostFacts systems={answer.value?.systems ?? []} />
            </div>
          </div>
        </>
      )}
    </Main>
  )
}
