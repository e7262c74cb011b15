// Views with their keys, systems with their glyph and one fact.

import { useKey } from '../keys.ts'
import { levelWords } from '../level-words.ts'
import { anyProof, anyQueue, anyStack, go, hashOf, type Route } from '../route.ts'
import { type SystemRow, selectSystems } from '../select.ts'
import { useServices, useStore, useView } from '../services.tsx'
import { Kbd } from './button.tsx'
import { Glyph, levelGlyph } from './glyph.tsx'

export const views: readonly { title: string; shortcut: string; route: Route }[] = [
  { title: 'Overview', shortcut: '1', route: { view: 'overview' } },
  { title: 'Jobs', shortcut: '2', route: { view: 'jobs', system: null, state: 'queued' } },
  { title: 'Queues', shortcut: '3', route: anyQueue },
  { title: 'Workers', shortcut: '4', route: { view: 'workers', part: null } },
  { title: 'Stack', shortcut: '5', route: anyStack },
  { title: 'History', shortcut: '6', route: { view: 'history' } },
  { title: 'Proof', shortcut: '7', route: anyProof },
]

/** What is shown below another view is marked there. */
const parents: Readonly<Partial<Record<Route['view'], Route['view']>>> = {
  job: 'jobs',
  findings: 'history',
  past: 'history',
  finding: 'overview',
  act: 'overview',
}

const item =
  'focus-visible:-outline-offset-2 whitespace-nowrap flex items-center gap-[9px] h-[30px] px-2 rounded-2 text-ink-2 hover:bg-hover hover:no-underline'
const current = 'aria-[current]:bg-hover aria-[current]:text-ink aria-[current]:font-semibold'

export function SideBar() {
  const { route, panel } = useServices()
  const here = useStore(route)
  const systems = useView(selectSystems)
  return (
    <nav
      aria-label="Views and systems"
      className="sidebar max-small:flex-row max-small:py-1 max-small:border-r-0 max-small:border-b row-start-3 bg-sunken border-r border-line px-[10px] py-[14px] flex flex-col gap-px min-h-0 overflow-y-auto"
    >
      {views.map((view) => (
        <ViewLink key={view.shortcut} {...view} here={here} />
      ))}
      {systems.length > 0 && (
        <h2 className="max-small:hidden text-small text-ink-3 font-normal px-2 pt-[18px] pb-[5px]">Systems</h2>
      )}
      {systems.map((system) => (
        <SystemLink key={system.id} system={system} />
      ))}
      <div className="mt-auto flex flex-col gap-px max-small:mt-0 max-small:flex-row">
        <a
          href={hashOf({ view: 'samples', name: null })}
          aria-current={here.view === 'samples' ? 'page' : undefined}
          className={`max-small:hidden ${item} ${current}`}
        >
          Sample incidents
        </a>
        <a
          href={hashOf({ view: 'settings', part: 'general' })}
          aria-current={here.view === 'settings' || here.view === 'system' ? 'page' : undefined}
          aria-keyshortcuts="Control+,"
          className={`${item} ${current}`}
        >
          Settings
          <span className="ml-auto">
            <Kbd>Ctrl ,</Kbd>
          </span>
        </a>
        <button type="button" className={item} onClick={() => panel.setState('keys', true)}>
          Keys and help
          <span className="ml-auto">
            <Kbd>?</Kbd>
          </span>
        </button>
      </div>
    </nav>
  )
}

function ViewLink({ title, shortcut, route, here }: (typeof views)[number] & { here: Route }) {
  useKey(shortcut, () => go(route))
  const isHere = (parents[here.view] ?? here.view) === route.view
  return (
    <a href={hashOf(route)} aria-current={isHere ? 'page' : undefined} className={`${item} ${current}`}>
      {title}
      <span className="ml-auto">
        <Kbd>{shortcut}</Kbd>
      </span>
    </a>
  )
}

function SystemLink({ system }: { system: SystemRow }) {
  return (
    <a href={hashOf({ view: 'jobs', system: system.id, state: 'queued' })} className={`max-small:hidden ${item}`}>
      <Glyph name={levelGlyph[system.level]} label={levelWords[system.level]} />
      <span className="clip">{system.id}</span>
      <span className={`ml-auto text-small whitespace-nowrap ${system.counts.lost === null ? 'text-ink-3' : 'unk'}`}>
        {system.fact}
      </span>
    </a>
  )
}
