// The mask that replaces a secret, and ranges of a text replaced by it.

/** Shown in place of a secret on screens, in reports, errors and logs. */
export const MASK = '••••••'

/** A secret within a text: from the first character to the one after the last. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Sorted; overlapping and touching ones are one. Empty ones are dropped. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of spans.filter((span) => span.to > span.from).toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** The text with each span replaced; `cover` makes the replacement of one secret. */
export function coverSpans(
  text: string,
  spans: readonly Span[],
  cover: (secret: string) => string = () => MASK,
): string {
  let shown = ''
  let at = 0
  for (const { from, to } of mergeSpans(spans)) {
    shown += text.slice(at, from) + cover(text.slice(from, to))
    at = to
  }
  return shown + text.slice(at)
}
