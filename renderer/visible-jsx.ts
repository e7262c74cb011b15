// React's JSX runtime with one addition: text on its way into the page has its invisible characters spelled out.
import { jsx as element, jsxs as elements, Fragment, type JSX } from 'react/jsx-runtime'
import { visibleLine, visibleText } from '../electron/contract/visible-text.ts'

export type { JSX }
export { Fragment }

/** Attributes that are shown or read aloud. `value` is not one: what is typed and sent stays as it is. */
const SHOWN = ['title', 'aria-label', 'aria-description', 'aria-valuetext', 'alt', 'placeholder']

type Props = Readonly<Record<string, unknown>>
type Make = typeof element

/**
 * Titles, errors, queue names and log lines come from everywhere and are shown in a hundred places; here all of them
 * pass. Only the page's own elements are touched: components get their texts as they are, for keys and calls.
 */
function visible(make: Make): Make {
  return (type, props, key) =>
    make(type, typeof type === 'string' || type === Fragment ? shown(props as Props) : props, key)
}

function shown(props: Props): Props {
  const children = shownChild(props.children)
  const changed: Record<string, unknown> = children === props.children ? {} : { children }
  for (const name of SHOWN) {
    const text = props[name]
    if (typeof text === 'string') changed[name] = visibleLine(text)
  }
  return Object.keys(changed).length === 0 ? props : { ...props, ...changed }
}

function shownChild(child: unknown): unknown {
  if (typeof child === 'string') return visibleText(child)
  if (!Array.isArray(child)) return child
  const next = child.map(shownChild)
  return next.every((one, n) => one === child[n]) ? child : next
}

export const jsx = visible(element)
export const jsxs = visible(elements)
/** The development runtime, which vite's server uses; its hints about source lines are not needed. */
export const jsxDEV = visible(element)
