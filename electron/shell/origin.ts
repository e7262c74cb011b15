// The one origin of the window, and what it may load. Compared as parsed URLs: `startsWith` is fooled by app://bundle.evil.

export const SCHEME = 'app'
export const ORIGIN = 'app://bundle'

export function isOurs(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && `${parsed.protocol}//${parsed.host}` === ORIGIN
}

/** Nothing else is ever fetched, whatever a page asks for. */
export function mayLoad(url: string, packaged: boolean): boolean {
  if (isOurs(url) || url.startsWith('data:') || url.startsWith(`blob:${ORIGIN}/`)) return true
  return !packaged && url.startsWith('devtools://')
}
