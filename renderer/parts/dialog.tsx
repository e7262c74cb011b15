// What floats: a labelled dialog over a scrim, closed by Esc or a click outside, focus kept inside and given back.
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  /** Read out after the title; null when the title says it all. */
  readonly description?: ReactNode
  readonly tags?: ReactNode
  readonly children: ReactNode
  readonly footer?: ReactNode
  readonly place?: 'centre' | 'top'
  /** The title is for readers only. */
  readonly bare?: boolean
  readonly width?: number
  /** What gets the focus, and again whenever `focusKey` changes; the first that can have it otherwise. */
  readonly focus?: string
  readonly focusKey?: string
}

// Radix's own Overlay locks scrolling with an injected <style>, which the content policy forbids; nothing behind scrolls here.
export function Dialog(props: Props) {
  const {
    open,
    onClose,
    title,
    description,
    tags,
    children,
    footer,
    place = 'centre',
    bare = false,
    width,
    focus,
    focusKey,
  } = props
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the reason to focus again (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (open && focus !== undefined) box.current?.querySelector<HTMLElement>(focus)?.focus()
  }, [open, focus, focusKey])
  return (
    <Radix.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Radix.Portal>
        <div className="scrim" />
        <Radix.Content
          ref={box}
          className={`dialog ${place === 'top' ? 'top' : ''}`}
          style={width === undefined ? undefined : { width }}
          onOpenAutoFocus={(event) => {
            // Radix would take the first that can have it, after the effect above has run.
            const wanted = focus === undefined ? null : box.current?.querySelector<HTMLElement>(focus)
            if (!wanted) return
            event.preventDefault()
            wanted.focus()
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          {bare ? (
            <Radix.Title className="sr-only">{title}</Radix.Title>
          ) : (
            <header>
              {tags !== undefined && (
                <div className="flex items-center gap-[14px] mb-[6px] text-small text-ink-3">{tags}</div>
              )}
              <Radix.Title>{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="mt-1 text-ink-2">{description}</Radix.Description>
              )}
            </header>
          )}
          {children}
          {footer !== undefined && <footer>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
