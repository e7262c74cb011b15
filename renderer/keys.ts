// Keys: one listener, the youngest binding wins, none while something is typed or a dialog is open.
import { useEffect, useRef } from 'react'

interface Binding {
  readonly key: string
  readonly inDialog: boolean
  readonly run: () => void
}
const bindings: Binding[] = []

/** `Ctrl+k`, `Enter`, `[`, `?`, `a`: modifiers first, the key as the keyboard gives it, letters in lower case. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${key}`
}

/** Whether the focused element wants this key for itself. */
function isTaken(event: KeyboardEvent): boolean {
  // The inner target: the raw editor lives in a shadow root, whose host is all that `event.target` would name.
  const [at] = event.composedPath()
  if (!(at instanceof HTMLElement) || event.ctrlKey || event.metaKey) return false
  if (at.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')) return event.key !== 'Escape'
  if (event.key === 'Enter') return at.matches('button, a, input, summary, [role=row], [role=option]')
  // A link does nothing with it.
  return event.key === ' ' && at.matches('button, input, summary, [role=option]')
}

export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isTaken(event)) return
  const dialogOpen = document.querySelector('[role=dialog], [role=menu]') !== null
  const name = keyName(event)
  const found = bindings.findLast((binding) => binding.key === name && (binding.inDialog || !dialogOpen))
  if (found === undefined) return
  event.preventDefault()
  found.run()
}

/** Binds a key while the component is mounted; null binds nothing. */
export function useKey(key: string, run: (() => void) | null, options: { inDialog?: boolean } = {}): void {
  const latest = useRef(run)
  latest.current = run
  const { inDialog = false } = options
  const active = run !== null
  useEffect(() => {
    if (!active) return
    const binding: Binding = { key, inDialog, run: () => latest.current?.() }
    bindings.push(binding)
    return () => {
      bindings.splice(bindings.indexOf(binding), 1)
    }
  }, [key, inDialog, active])
}
