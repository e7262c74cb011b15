// What the report's pictures are drawn with: SVG as text, on one width, with one scale of time.
import { visibleText } from '../../contract/visible-text.ts'

export const WIDTH = 960
export const LEFT = 60

/** Everything that can be markup becomes text; what steers or cannot be seen is spelled out (XML forbids some of it). */
export function escapeHtml(text: string): string {
  return visibleText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/[\ufffe\uffff]/g, '')
}

/** `title` is what a screen reader says instead of the picture. */
export function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}" xmlns="http://www.w3.org/2000/svg">`,
    ...parts.filter((part) => part !== ''),
    '</svg>',
  ].join('\n')
}

export type Anchor = 'start' | 'middle' | 'end'

/** `name` is a class of the report's style sheet. */
export function text(x: number, y: number, what: string, anchor: Anchor = 'start', name = ''): string {
  const style = name === '' ? '' : ` class="${name}"`
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${style}>${escapeHtml(what)}</text>`
}

/** Shown under the pointer. */
export const tip = (what: string) => `<title>${escapeHtml(what)}</title>`

/** Never narrower than the eye sees. */
export function bar(name: string, x: number, y: number, width: number, height: number, title = ''): string {
  const box = `class="${name}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(0.6, width))}" height="${round(height)}"`
  return title === '' ? `<rect ${box}/>` : `<rect ${box}>${tip(title)}</rect>`
}

export const round = (n: number) => Math.round(n * 10) / 10

/** From a point in time (ms) to a place on the picture. */
export type Place = (ms: number) => number

/** Times outside stand at its ends. */
export function timeScale(fromMs: number, toMs: number, left = LEFT): Place {
  return (ms) => left + Math.max(0, Math.min(1, (ms - fromMs) / Math.max(1, toMs - fromMs))) * (WIDTH - 8 - left)
}

/** Five times in UTC; with their days where it is longer than one. */
export function timeAxis(fromMs: number, toMs: number, x: Place, y: number): string {
  const days = toMs - fromMs > 36 * 60 * 60_000
  return Array.from({ length: 5 }, (_, n) => fromMs + ((toMs - fromMs) * n) / 4)
    .map((ms, n) => {
      const at = new Date(ms).toISOString()
      const label = days ? at.slice(5, 16).replace('T', ' ') : at.slice(11, 16)
      return text(x(ms), y, label, n === 0 ? 'start' : n === 4 ? 'end' : 'middle')
    })
    .join('\n')
}
