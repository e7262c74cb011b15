// Parts of one screen as tabs with their counts; [ and ] switch.
import { useKey } from '../keys.ts'
import { go, hashOf, type Route } from '../route.ts'
import type { Shown } from '../select.ts'
import { Kbd } from './button.tsx'
import { ReadingValue } from './reading.tsx'

export interface Tab {
  readonly title: string
  readonly route: Route
  readonly here: boolean
  /** null: this part has nothing to count. */
  readonly n: Shown<string> | null
  /** More than none of it is a failure. */
  readonly bad?: boolean
}

export function PartTabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const at = tabs.findIndex((tab) => tab.here)
  const step = (by: number) => {
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (next !== undefined) go(next.route)
  }
  useKey('[', () => step(-1))
  useKey(']', () => step(1))
  return (
    <nav
      aria-label={label}
      className="flex flex-none gap-6 mt-3 pb-px border-b border-line overflow-x-auto overflow-y-hidden"
    >
      {tabs.map((tab) => (
        <a key={tab.title} href={hashOf(tab.route)} aria-current={tab.here ? 'page' : undefined} className="tab">
          {tab.title}{' '}
          {tab.n !== null && (
            <span className={`font-medium ${tab.bad && tab.n.value !== '0' ? 'text-failed' : 'text-ink-3'}`}>
              <ReadingValue shown={tab.n}>{(n) => n}</ReadingValue>
            </span>
          )}
        </a>
      ))}
      <span className="ml-auto self-center text-small text-ink-3 whitespace-nowrap max-small:hidden">
        <Kbd>[</Kbd> <Kbd>]</Kbd> switch
      </span>
    </nav>
  )
}
