// A virtual list of jobs: sorted by its headings, selected by mouse and keys, never moving under the pointer.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { Job, JobState } from '../../electron/contract/job.ts'
import { useKey } from '../keys.ts'
import { go } from '../route.ts'
import type { JobsModel, Sorting } from '../select-jobs.ts'
import type { ListView } from '../use-page-list.ts'
import { JobHeading } from './job-heading.tsx'
import { rowHeight } from './job-lines.ts'
import { JobRow } from './job-row.tsx'
import { columnsOf } from './kind-columns.tsx'

interface Props {
  readonly state: JobState
  readonly view: ListView<Job>
  readonly model: JobsModel
  readonly sorting: Sorting
  readonly onSort: (next: Sorting) => void
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (id: string, shift: boolean) => void
  readonly onChooseAll: (all: boolean) => void
}

export function JobTable({ state, view, model, sorting, onSort, chosen, onChoose, onChooseAll }: Props) {
  const { items: jobs, list } = view
  const box = useRef<HTMLDivElement>(null)
  // The job, not its line: when the list moves, the outline goes along or goes away.
  const [at, setAt] = useState<{ id: string; index: number } | null>(null)
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => rowHeight(jobs[index]),
    getItemKey: (index) => jobs[index]?.id ?? index,
    overscan: 12,
    scrollPaddingStart: 30,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= jobs.length - 20) void list?.more()
  }, [last, jobs.length, list])
  // biome-ignore lint/correctness/useExhaustiveDependencies: row heights follow their jobs, which change when the list is read again (tanstack.com/virtual, measure)
  useEffect(() => rows.measure(), [rows, jobs])

  const found = at === null ? -1 : jobs.findIndex(({ id }) => id === at.id)
  const current = jobs[found]
  const move = (step: number) => {
    // From where the job was, when it is gone.
    const from = found >= 0 ? found : at === null ? -1 : at.index - (step > 0 ? 1 : 0)
    const next = Math.max(0, Math.min(jobs.length - 1, from + step))
    const job = jobs[next]
    if (job === undefined) return
    setAt({ id: job.id, index: next })
    rows.scrollToIndex(next)
    // Enter and Space are the list's from here on, not those of a link that had the focus before.
    box.current?.focus({ preventScroll: true })
  }
  const open = (job: Job) => go({ view: 'job', system: job.system, id: job.id })
  useKey('ArrowDown', () => move(1))
  useKey('ArrowUp', () => move(-1))
  useKey(' ', current === undefined ? null : () => onChoose(current.id, false))
  useKey('Enter', current === undefined ? null : () => open(current))
  useKey('Ctrl+a', jobs.length === 0 ? null : () => onChooseAll(true))

  const own = columnsOf(model.kind, state)
  const template = (shown: typeof own) =>
    `42px minmax(0, ${state === 'running' ? '1.2fr' : '1fr'}) ${shown.map(({ width }) => width).join(' ')}`
  const lines = {
    '--columns': template(own),
    '--columns-small': template(own.filter(({ minor = false }) => !minor)),
  } as React.CSSProperties
  const sinceReadMs = Math.max(0, Date.now() - view.readAtMs)
  return (
    <div
      ref={box}
      tabIndex={-1}
      style={lines}
      className="-mx-[10px] overflow-y-auto min-h-0 flex-1 outline-none!"
      onPointerMove={() => list?.hold(true)}
      onPointerLeave={() => list?.hold(false)}
    >
      <table aria-label="Jobs" aria-rowcount={view.cursor === null ? jobs.length : -1} className="block">
        <JobHeading
          columns={own}
          sorting={sorting}
          onSort={onSort}
          all={jobs.length > 0 && jobs.every(({ id }) => chosen.has(id))}
          some={jobs.some(({ id }) => chosen.has(id))}
          total={jobs.length}
          onAll={onChooseAll}
        />
        <tbody className="block relative" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const job = jobs[item.index]
            if (job === undefined) return null
            return (
              <JobRow
                key={job.id}
                job={job}
                columns={own}
                top={item.start}
                height={item.size}
                current={item.index === found}
                chosen={chosen.has(job.id)}
                context={{ ...model, sinceReadMs, run: model.running.get(job.id) }}
                onChoose={(shift) => {
                  setAt({ id: job.id, index: item.index })
                  onChoose(job.id, shift)
                }}
                onOpen={() => open(job)}
              />
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
