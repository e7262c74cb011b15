// Narrowing the list: part of a name, and the system when there are several.
import { useRef } from 'react'
import type { JobState } from '../../electron/contract/job.ts'
import { useKey } from '../keys.ts'
import { go } from '../route.ts'
import { SystemPicker } from './system-picker.tsx'

interface Props {
  readonly system: string
  readonly systems: readonly string[]
  readonly state: JobState
  readonly search: string
  readonly onSearch: (text: string) => void
  readonly sum: string
}

export function JobFilters({ system, systems, state, search, onSearch, sum }: Props) {
  const field = useRef<HTMLInputElement>(null)
  useKey('/', () => field.current?.focus())
  return (
    <div className="flex items-center gap-2 h-[50px] flex-none">
      <input
        ref={field}
        type="search"
        className="field w-[250px]"
        aria-label="Search jobs by name"
        placeholder="Search by name   /"
        value={search}
        onChange={(event) => onSearch(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          onSearch('')
          field.current?.blur()
        }}
      />
      <SystemPicker systems={systems} system={system} onChoose={(id) => go({ view: 'jobs', system: id, state })} />
      <span role="status" className="ml-auto text-small text-ink-3 clip">
        {sum}
      </span>
    </div>
  )
}
