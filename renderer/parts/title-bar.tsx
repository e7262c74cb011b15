// Brand, find, and how fresh everything below is.
import { Search } from 'lucide-react'
import { moment } from '../format.ts'
import { coreNow, type LinkModel, selectLink } from '../select.ts'
import { useServices, useView } from '../services.tsx'
import { Kbd } from './button.tsx'

export function TitleBar() {
  const { panel } = useServices()
  const { link, clock } = useView((state, now) => ({
    link: selectLink(state, now),
    clock: moment(coreNow(state, now)),
  }))
  return (
    <header className="titlebar bg-sunken border-b border-line">
      <div className="flex items-center gap-[9px] pl-[18px] font-semibold">
        <Mark />
        Unjam
      </div>
      <button
        type="button"
        className="ml-(--gutter) w-[340px] max-w-full h-[26px] whitespace-nowrap overflow-hidden max-small:ml-4 flex items-center gap-2 px-2 border border-line-strong rounded-2 bg-bg text-ink-3 text-small hover:border-line-control"
        aria-label="Find a job, run an action"
        onClick={() => panel.setState('find', true)}
      >
        <Search size={13} aria-hidden="true" />
        Find a job, run an action
        <span className="ml-auto">
          <Kbd>Ctrl K</Kbd>
        </span>
      </button>
      <div className="flex items-center h-full gap-5 pr-(--gutter) text-small text-ink-2">
        <Freshness link={link} />
        <time className="text-ink-3 whitespace-nowrap max-small:hidden">{clock}</time>
      </div>
    </header>
  )
}

function Freshness({ link }: { link: LinkModel }) {
  if (link.lost !== null) return <span className="unk">last known {link.lost.forText} ago</span>
  return (
    <span className="whitespace-nowrap pl-4">
      {link.text} {link.age !== null && <b>{link.age}</b>}
    </span>
  )
}

function Mark() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <path d="M2 4h14M2 14h14M2 9h4m6 0h4" stroke="currentColor" strokeWidth="2" />
      <path d="m7.5 6.4 3 2.6-3 2.6z" fill="var(--accent)" />
    </svg>
  )
}
