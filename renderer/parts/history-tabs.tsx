// The parts of History: what was changed through Unjam, and what Unjam found.
import { PartTabs } from './part-tabs.tsx'

export function HistoryTabs({ here }: { here: 'changes' | 'findings' }) {
  return (
    <PartTabs
      label="Parts of History"
      tabs={[
        { title: 'Changes', route: { view: 'history' }, here: here === 'changes', n: null },
        { title: 'Findings', route: { view: 'findings' }, here: here === 'findings', n: null },
      ]}
    />
  )
}
