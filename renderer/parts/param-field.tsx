// What the dialog asks for; the preview below says at each letter what it would do with it.
import { useState } from 'react'
import type { ActionRequest } from '../../electron/contract/action.ts'
import { paramOf } from '../action-params.ts'
import { useServices } from '../services.tsx'

/** Nothing where the action asks for nothing. */
export function ParamField({ request }: { request: ActionRequest }) {
  const { flow } = useServices()
  const param = paramOf(request)
  const [text, setText] = useState(param === null ? '' : (request.params[param.name] ?? ''))
  if (param === null) return null
  const change = (value: string) => {
    setText(value)
    void flow.amend(param.name, value.trim() === '' && param.empty !== null ? param.empty : value)
  }
  return (
    <div className="flex flex-wrap items-center gap-[9px] py-[10px] border-t border-line">
      <label className="contents">
        <span className={`flex-none text-ink-3 ${param.presets.length > 0 ? 'mono' : 'w-[115px]'}`}>{param.title}</span>
        <input
          id="param"
          className={`field !h-8 !text-body ${param.numeric || param.empty !== null ? 'w-[140px]' : 'flex-1'}`}
          placeholder={param.hint}
          value={text}
          autoComplete="off"
          inputMode={param.numeric ? 'numeric' : undefined}
          onChange={(event) => change(event.target.value)}
        />
      </label>
      {param.presets.map(({ value, text: title }) => (
        <button
          key={value}
          type="button"
          aria-pressed={text === value}
          className="btn small aria-pressed:!bg-selected aria-pressed:!border-accent"
          onClick={() => change(value)}
        >
          {title}
        </button>
      ))}
    </div>
  )
}
