// What cannot be done here and now, each with its sentence.
import type { ActionInfo } from '../../electron/contract/action.ts'
import { verbOf } from './action-list.ts'
import { Button } from './button.tsx'

export function BlockedActions({ actions }: { actions: readonly ActionInfo[] }) {
  const blocked = actions.filter((action) => action.blocked !== null)
  if (blocked.length === 0) return null
  return (
    <ul aria-label="Cannot be done now" className="flex flex-wrap gap-x-6 gap-y-1 pb-2">
      {blocked.map((action) => (
        <li key={action.id} className="flex items-center gap-2">
          <Button small blocked={action.blocked} onPress={() => undefined}>
            {action.target === 'jobs' ? verbOf(action) : action.title}
          </Button>
        </li>
      ))}
    </ul>
  )
}
