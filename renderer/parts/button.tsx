// A button that shows its key, and that says why when it cannot be pressed.
import { type ReactNode, useId } from 'react'
import { useKey } from '../keys.ts'

export interface ButtonProps {
  readonly children: ReactNode
  readonly onPress: () => void
  readonly tone?: 'primary' | 'plain' | 'quiet'
  readonly small?: boolean
  /** The key that presses it, and how it is written. */
  readonly shortcut?: { readonly key: string; readonly text: string; readonly inDialog?: boolean } | undefined
  /** Why it cannot be pressed: shown beside it, never only as a tooltip. */
  readonly blocked?: string | null
  readonly busy?: boolean
  readonly label?: string
  /** The confirm button of a dialog: it gets the focus when it can be pressed. */
  readonly confirm?: boolean
}

export function Button(props: ButtonProps) {
  const {
    children,
    onPress,
    tone = 'plain',
    small = false,
    shortcut,
    blocked = null,
    busy = false,
    label,
    confirm = false,
  } = props
  const reason = useId()
  const can = blocked === null && !busy
  useKey(shortcut?.key ?? '', shortcut !== undefined && can ? onPress : null, { inDialog: shortcut?.inDialog ?? false })
  const toneClass = tone === 'plain' ? '' : ` ${tone}`
  return (
    <>
      <button
        type="button"
        className={`btn${toneClass}${small ? ' small' : ''}`}
        disabled={!can}
        data-confirm={confirm || undefined}
        aria-label={label}
        aria-describedby={blocked === null ? undefined : reason}
        aria-keyshortcuts={shortcut?.key.replace('Ctrl+', 'Control+')}
        onClick={onPress}
      >
        {children}
        {shortcut !== undefined && <Kbd>{shortcut.text}</Kbd>}
      </button>
      {blocked !== null && (
        <span id={reason} className="text-small text-ink-3 max-w-[44ch]">
          {blocked}
        </span>
      )}
    </>
  )
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <span className="kbd" aria-hidden="true">
      {children}
    </span>
  )
}
