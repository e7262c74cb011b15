// The first screen of a fresh machine: what to drop, what is missing, and the one step to press.

import { selectFirstRun } from '../first-run.ts'
import { bytes } from '../format.ts'
import { go } from '../route.ts'
import { useAnswer, useServices, useView } from '../services.tsx'
import { Button } from './button.tsx'
import { Door } from './door.tsx'
import { Glyph } from './glyph.tsx'
import { Main } from './main.tsx'
import { SampleList } from './sample-list.tsx'
import { Section } from './section.tsx'

const enter = { key: 'Enter', text: 'Enter' }

export function FirstRun() {
  const { panel, client, notices } = useServices()
  const view = useView(selectFirstRun)
  if (view === null) return null
  const build = () => client.host.buildEngine({}).catch((error: unknown) => notices.say(String(error), true))
  return (
    <Main label="Overview">
      <div className="max-w-[1080px] mx-auto pt-[4vh]">
        <h1 className="font-display font-semibold text-[32px]/[40px] tracking-[-0.02em]">Drop recordings here.</h1>
        <p className="mt-2 text-[15px]/[23px] text-ink-2 max-w-[62ch] text-pretty">
          They are transcribed on this computer and go nowhere else. One long file never holds up the short ones, and
          every change is previewed first and can be found in History.
        </p>
        <div className="grid grid-cols-3 max-small:grid-cols-1 mt-10 border-y border-line">
          <Door note="m4a, mp3, wav and whatever else has sound" title="Recordings">
            <ul className="mt-4 mb-6 text-small text-ink-2 grid gap-2">
              <Point text="Files, or a folder with everything in it" />
              <Point text="The same recording is never added twice" />
              <Point text="A bad file fails alone, with its reason" />
            </ul>
            <Button
              tone={view.primary === 'files' ? 'primary' : 'plain'}
              shortcut={view.primary === 'files' ? enter : { key: 'a', text: 'A' }}
              onPress={() => panel.setState('add', true)}
            >
              Add files…
            </Button>
          </Door>
          <Door note={view.model.title} title="A model" need={view.model}>
            {!view.model.ready && (
              <Button
                tone={view.primary === 'model' ? 'primary' : 'plain'}
                shortcut={view.primary === 'model' ? enter : undefined}
                onPress={() => go({ view: 'workers', part: 'models' })}
              >
                Choose a model
              </Button>
            )}
          </Door>
          <Door note={view.engine.title} title="The engine" need={view.engine}>
            {!view.engine.ready && view.engine.progress === null && (
              <Button
                tone={view.primary === 'engine' ? 'primary' : 'plain'}
                shortcut={view.primary === 'engine' ? enter : undefined}
                onPress={build}
              >
                Build the engine
              </Button>
            )}
          </Door>
        </div>
        <Machine />
        <Section
          title="Or walk through an incident"
          note="made up and removed again; nothing of yours is read or touched"
          className="mt-8 pb-8"
        >
          <SampleList />
        </Section>
      </div>
    </Main>
  )
}

function Point({ text }: { text: string }) {
  return (
    <li className="grid grid-cols-[14px_1fr] gap-2">
      <Glyph name="ok" />
      {text}
    </li>
  )
}

function Machine() {
  const { value: info } = useAnswer('info', 'Read what this computer has', (client, signal) =>
    client.host.info({}, { signal }),
  )
  if (info === null) return null
  const facts = [
    ['Cores', String(info.cores)],
    ['Memory free', `${bytes(info.freeMemoryBytes)} of ${bytes(info.memoryBytes)}`],
    ['Kept in', info.dataDir],
  ]
  return (
    <dl className="grid grid-cols-3 mt-5 text-small">
      {facts.map(([title, value]) => (
        <div key={title} className="px-8 first:pl-0 min-w-0">
          <dt className="text-ink-3">{title}</dt>
          <dd className="mt-[2px] font-semibold clip">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
