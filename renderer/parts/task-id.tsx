// The task that a run's row names, and a run's parts in a few words.
import type { Job } from '../../electron/contract/job.ts'
import { count } from '../format.ts'

export function TaskId({ id }: { id: string | null }) {
  if (id === null || id === '') return <span className="text-ink-3">no task</span>
  return (
    <code className="block clip text-small" title={id}>
      {id}
    </code>
  )
}

/** “3 children, 1 active, 1 failed”; nothing of a run without parts. */
export function partsText(parts: Job['children']): string {
  if (parts == null) return '–'
  if (parts.total === 0) return 'no child yet'
  const active = parts.active > 0 ? `, ${parts.active} active` : ', all ended'
  return `${count(parts.total, 'child', 'children')}${active}${parts.failed > 0 ? `, ${parts.failed} failed` : ''}`
}
