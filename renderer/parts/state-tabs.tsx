// The five states as tabs with their counts; [ and ] switch.
import type { JobState } from '../../electron/contract/job.ts'
import { useKey } from '../keys.ts'
import { go, hashOf } from '../route.ts'
import type { JobsModel } from '../select-jobs.ts'
import { Kbd } from './button.tsx'
import { ReadingValue } from './reading.tsx'

interface Props {
  readonly system: string
  readonly state: JobState
  readonly tabs: JobsModel['tabs']
}

export function StateTabs({ system, state, tabs }: Props) {
  const at = tabs.findIndex((tab) => tab.state === state)
  const step = (by: number) => {
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (next !== undefined) go({ view: 'jobs', system, state: next.state })
  }
  useKey('[', () => step(-1))
  useKey(']', () => step(1))
  return (
    <nav
      aria-label="Job states"
      className="flex flex-none gap-6 mt-3 pb-px border-b border-line overflow-x-auto overflow-y-hidden"
    >
      {tabs.map((tab) => (
        <a
          key={tab.state}
          href={hashOf({ view: 'jobs', system, state: tab.state })}
          aria-current={tab.state === state ? 'page' : undefined}
          className="tab"
        >
          {tab.title}{' '}
          <span
            className={`font-medium ${tab.state === 'failed' && (tab.n.value ?? 0) > 0 ? 'text-failed' : 'text-ink-3'}`}
          >
            <ReadingValue shown={tab.n}>{(n) => n}</ReadingValue>
          </span>
        </a>
      ))}
      <span className="ml-auto self-center text-small text-ink-3 whitespace-nowrap max-small:hidden">
        <Kbd>[</Kbd> <Kbd>]</Kbd> switch
      </span>
    </nav>
  )
}
