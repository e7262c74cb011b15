// What cannot be done here and now, each with its sentence on a line of its own.
import type { ActionInfo } from '../../electron/contract/action.ts'
import { verbOf } from './action-list.ts'

export function BlockedActions({ actions }: { actions: readonly ActionInfo[] }) {
  const blocked = actions.filter((action) => action.blocked !== null)
  if (blocked.length === 0) return null
  return (
    <dl
      aria-label="Cannot be done now"
      className="grid grid-cols-[auto_minmax(0,44ch)] gap-x-3 gap-y-[2px] pb-2 text-small text-ink-3"
    >
      {blocked.map((action) => (
        <div key={action.id} className="contents">
          <dt className="whitespace-nowrap line-through decoration-line-control">
            {action.target === 'jobs' ? verbOf(action) : action.title}
          </dt>
          <dd>{action.blocked}</dd>
        </div>
      ))}
    </dl>
  )
}
