// Sample incidents: each runbook's situation to stand in, without a stack and without touching one.
import { Main } from '../parts/main.tsx'
import { SampleList } from '../parts/sample-list.tsx'

export function SamplesView({ name }: { name: string | null }) {
  return (
    <Main label="Sample incidents">
      <h1 className="text-title font-display">Sample incidents</h1>
      <p className="mt-1 mb-5 text-lead text-ink-2 max-w-[72ch] text-pretty">
        Five situations that stop a queue, staged in memory and in a database of their own. Every remedy works on them
        and leaves its receipt. Jobs that begin there run about 150 times faster than real ones. Leaving a sample
        removes all of it.
      </p>
      <div className="max-w-[980px]">
        <SampleList first={name ?? 'stuck-at-1069'} />
      </div>
    </Main>
  )
}
