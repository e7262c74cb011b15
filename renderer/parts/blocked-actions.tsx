// What cannot be done here and now, each with its sentence on a line of its own.
import type { ActionInfo } from '../../electron/contract/action.ts'
import { verbOf } from './action-list.ts'

export function BlockedActions({ actions }: { actions: readonly ActionInfo[] }) {
  const blocked = actions.filter((action) => action.blocked !== null)
  if (blocked.length === 0) return null
  return (
    <ul aria-label="Cannot be done now" className="pb-2 text-small leading-[18px] text-ink-3">
      {blocked.map((action) => (
        <li key={action.id}>
          <span className="font-medium text-ink-2">{action.target === 'jobs' ? verbOf(action) : action.title}:</span>{' '}
          {action.blocked}
        </li>
      ))}
    </ul>
  )
}
