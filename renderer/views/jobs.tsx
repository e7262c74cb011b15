// Queue, processing, failed, done and skipped: one screen with different columns.
import { useDeferredValue, useState } from 'react'
import type { JobState } from '../../electron/contract/job.ts'
import { failureText } from '../format.ts'
import { FailedNote } from '../parts/failed-note.tsx'
import { JobFilters } from '../parts/job-filters.tsx'
import { JobTable } from '../parts/job-table.tsx'
import { JobsEmpty } from '../parts/jobs-empty.tsx'
import { JobsHead } from '../parts/jobs-head.tsx'
import { Main } from '../parts/main.tsx'
import { QcBar } from '../parts/qc-bar.tsx'
import { RunTree } from '../parts/run-tree.tsx'
import { FailureNote } from '../parts/section.tsx'
import { SelectionBar } from '../parts/selection-bar.tsx'
import { StateTabs } from '../parts/state-tabs.tsx'
import { defaultSystem } from '../select.ts'
import { firstSort, selectJobs, selectRange, sumText } from '../select-jobs.ts'
import { selectQc } from '../select-qc.ts'
import { useServices, useView } from '../services.tsx'
import { usePageList } from '../use-page-list.ts'

export function JobsView({ system, state }: { system: string | null; state: JobState }) {
  const id = useView((live) => system ?? defaultSystem(live.snapshot))
  return <JobsOf key={`${id} ${state}`} system={id} state={state} />
}

const MOST_SELECTED = 10_000

function JobsOf({ system, state }: { system: string; state: JobState }) {
  const { panel } = useServices()
  const model = useView((live, now) => selectJobs(live, now, system))
  const qc = useView((live, now) => selectQc(live, now, system))
  const [search, setSearch] = useState('')
  const [sorting, setSorting] = useState(firstSort[state])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [anchor, setAnchor] = useState<string | null>(null)
  const [asTree, setTree] = useState(true)
  // The tree is of what has not ended.
  const unended = model.kind === 'crawl' && (state === 'queued' || state === 'running')
  const tree = unended && asTree && search === '' && chosen.size === 0
  const wanted = useDeferredValue(search.trim())
  const view = usePageList(
    {
      key: JSON.stringify([system, state, wanted, sorting]),
      tried: `Read the ${state} jobs of ${system}`,
      page: async (client, limit, cursor, signal) => {
        const query = { system, state, search: wanted, ...sorting, limit, cursor }
        const { jobs, cursor: next } = await client.jobs.page(query, { signal })
        return { items: jobs, cursor: next }
      },
    },
    model.revision,
  )
  const { items: jobs, list } = view
  // Of all jobs in this state; how many a search would find in all is not known.
  const total = wanted === '' ? (model.tabs.find((tab) => tab.state === state)?.n.value ?? null) : null
  const selected = jobs.filter(({ id }) => chosen.has(id))
  const choose = (id: string, shift: boolean) => {
    setChosen(
      selectRange(
        chosen,
        jobs.map((job) => job.id),
        anchor,
        id,
        shift,
      ),
    )
    setAnchor(id)
  }
  const chooseAll = async (all: boolean) => {
    const rows = all ? ((await list?.all(MOST_SELECTED)) ?? []) : []
    setChosen(new Set(rows.map(({ id }) => id)))
  }
  return (
    <Main label="Jobs" fill>
      <JobsHead
        system={system}
        read={model.read}
        tree={unended ? asTree : null}
        onTree={setTree}
        onAdd={model.kind === 'local' || model.kind === null ? () => panel.setState('add', true) : null}
      />
      {qc !== null && <QcBar system={system} model={qc} />}
      <StateTabs system={system} state={state} tabs={model.tabs} />
      <JobFilters
        system={system}
        systems={model.systems}
        state={state}
        search={search}
        onSearch={setSearch}
        sum={view.status === 'ready' && jobs.length > 0 ? sumText(jobs, view.cursor === null, total, model.kind) : ''}
      />
      {view.failure !== null && <FailureNote text={failureText(view.failure)} again={() => void list?.refresh()} />}
      {state === 'failed' && jobs.length > 0 && wanted === '' && selected.length === 0 && (
        <FailedNote system={system} jobs={jobs} total={total} />
      )}
      {tree ? (
        <RunTree system={system} now={model.now} revision={model.revision} />
      ) : view.status === 'ready' && jobs.length === 0 ? (
        <JobsEmpty state={state} search={wanted} />
      ) : (
        <JobTable
          state={state}
          view={view}
          model={model}
          sorting={sorting}
          onSort={setSorting}
          chosen={chosen}
          onChoose={choose}
          onChooseAll={(all) => void chooseAll(all)}
        />
      )}
      {selected.length > 0 && (
        <SelectionBar system={system} state={state} chosen={selected} onClear={() => setChosen(new Set())} />
      )}
    </Main>
  )
}
