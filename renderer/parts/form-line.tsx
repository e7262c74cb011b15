// One line of a small form: its name, what is entered, and what it means.
import { type ReactNode, useId } from 'react'

export function Line({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const id = useId()
  return (
    <div className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-4 items-center min-h-[40px] py-1 border-b border-line">
      <span id={id}>{title}</span>
      <fieldset aria-labelledby={id} className="flex items-center gap-3 min-w-0">
        {children}
        {hint !== undefined && <span className="text-small text-ink-3 flex-none">{hint}</span>}
      </fieldset>
    </div>
  )
}

/** A whole number; what is not one leaves the last that was. */
export function Whole({ value, onChange, label }: { value: number; onChange: (n: number) => void; label?: string }) {
  return (
    <input
      className="field w-[84px]"
      inputMode="numeric"
      aria-label={label}
      defaultValue={value}
      onChange={(event) => /^\d+$/.test(event.target.value) && onChange(Number(event.target.value))}
    />
  )
}
