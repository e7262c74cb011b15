// A compose stack: its engine, services, logs and .env.
import { EnvPane } from '../parts/env-pane.tsx'
import { Main } from '../parts/main.tsx'
import { PartTabs, type Tab } from '../parts/part-tabs.tsx'
import { ReadingValue } from '../parts/reading.tsx'
import { Empty } from '../parts/section.tsx'
import { ServiceList } from '../parts/service-list.tsx'
import { ServiceLog } from '../parts/service-log.tsx'
import { SystemPicker } from '../parts/system-picker.tsx'
import { anyStack, go, hashOf, type StackPart, type StackRoute } from '../route.ts'
import { engineLine, type StackModel, selectStack } from '../select-stack.ts'
import { useView } from '../services.tsx'

export function StackView({ route }: { route: StackRoute }) {
  const { model, ready } = useView((state, now) => ({
    model: selectStack(state, now, route),
    ready: state.snapshot !== null,
  }))
  if (model === null)
    return (
      <Main label="Stack">
        <h1 className="text-title font-display">Stack</h1>
        {ready && (
          <Empty title="No system here is a compose stack.">
            Unjam finds the projects that run on this computer, and can create a new one, in{' '}
            <a href={hashOf({ view: 'settings', part: 'systems' })}>Settings, Systems</a>.
          </Empty>
        )}
      </Main>
    )
  const { system } = model
  return (
    <Main label="Stack" fill={route.part !== 'services'} level={model.level}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 flex-none">
        <h1 className="text-title font-display">Stack</h1>
        <span className="text-ink-3 min-w-0">
          {system} · {model.services.lost === null ? model.read : <span className="unk">{model.read}</span>}
        </span>
        <span className="ml-auto">
          <SystemPicker systems={model.systems} system={system} onChoose={(id) => go({ ...anyStack, system: id })} />
        </span>
      </div>
      <p className="mt-1 text-small text-ink-2 [overflow-wrap:anywhere] flex-none">
        <ReadingValue shown={model.info}>{engineLine}</ReadingValue>
        {model.api !== null && (
          <span className="block">
            <ReadingValue shown={model.api}>{(text) => text}</ReadingValue>
          </span>
        )}
      </p>
      <PartTabs label="Parts of the stack" tabs={tabsOf(model, route)} />
      <Part key={system} model={model} route={route} />
    </Main>
  )
}

function Part({ model, route }: { model: StackModel; route: StackRoute }) {
  switch (route.part) {
    case 'services':
      return <ServiceList model={model} />
    case 'logs':
      return <ServiceLog model={model} route={route} />
    case 'env':
      return model.hasEnv ? (
        <EnvPane model={model} />
      ) : (
        <p className="py-4 text-ink-3">
          This system has no .env configured.{' '}
          <a href={hashOf({ view: 'system', id: model.system })}>Name its file in Settings</a>.
        </p>
      )
  }
}

function tabsOf({ system, services, drifted }: StackModel, route: StackRoute): Tab[] {
  const tab = (title: string, part: StackPart, n: Tab['n']): Tab => ({
    title,
    route: { ...anyStack, system, part, service: route.service },
    here: route.part === part,
    n,
  })
  const edited = drifted.value?.length ?? 0
  return [
    tab('Services', 'services', {
      value: services.value === null ? null : String(services.value.length),
      lost: services.lost,
    }),
    tab('Logs', 'logs', null),
    tab('.env', 'env', edited === 0 ? null : { value: `${edited} not applied`, lost: drifted.lost }),
  ]
}
