// Why jobs are marked as failed: it becomes their message, and the preview beside it says so at each letter.
import { useState } from 'react'
import type { ActionRequest } from '../../electron/contract/action.ts'
import { useServices } from '../services.tsx'

/** null: this action asks for no reason. */
export function ReasonField({ request }: { request: ActionRequest }) {
  const { flow } = useServices()
  const [text, setText] = useState(request.params.reason ?? '')
  if (request.action !== 'fail-jobs') return null
  return (
    <label className="flex items-center gap-[9px] py-[10px] border-t border-line">
      <span className="w-[115px] flex-none text-ink-3">Reason</span>
      <input
        id="reason"
        className="field flex-1 !h-8 !text-body"
        placeholder="For whoever reads the list of failed jobs later"
        value={text}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value)
          void flow.amend('reason', event.target.value)
        }}
      />
    </label>
  )
}
