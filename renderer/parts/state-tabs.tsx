// The five states of jobs as tabs with their counts.
import type { JobState } from '../../electron/contract/job.ts'
import { whole } from '../format.ts'
import type { JobsModel } from '../select-jobs.ts'
import { PartTabs } from './part-tabs.tsx'

interface Props {
  readonly system: string
  readonly state: JobState
  readonly tabs: JobsModel['tabs']
}

export function StateTabs({ system, state, tabs }: Props) {
  const shown = tabs.map((tab) => ({
    title: tab.title,
    route: { view: 'jobs', system, state: tab.state } as const,
    here: tab.state === state,
    n: { value: tab.n.value === null ? null : `${tab.about}${whole(tab.n.value)}`, lost: tab.n.lost },
    bad: tab.state === 'failed',
  }))
  return <PartTabs label="Job states" tabs={shown} />
}
