// The parts of History: what was changed through Unjam, what was read over time, and what was found.
import { PartTabs } from './part-tabs.tsx'

export function HistoryTabs({ here }: { here: 'changes' | 'findings' | 'past' }) {
  return (
    <PartTabs
      label="Parts of History"
      tabs={[
        { title: 'Changes', route: { view: 'history' }, here: here === 'changes', n: null },
        { title: 'Over time', route: { view: 'past', system: null }, here: here === 'past', n: null },
        { title: 'Findings', route: { view: 'findings' }, here: here === 'findings', n: null },
      ]}
    />
  )
}
