// A URL as it may be shown, and the passwords it carries.
import { assignedSpans } from './assigned-values.ts'
import { coverSpans, MASK, mergeSpans, type Span } from './mask.ts'
import { percentDecoded } from './mask-value.ts'
import { shapeSpans } from './text-shapes.ts'
import { urlSpans } from './url-passwords.ts'

/** The URL with every secret in it masked; anything else as `maskText` leaves it. */
export function maskUrl(text: string): string {
  return coverSpans(text, spansOf(text))
}

/** The secrets a URL carries, as written and decoded; nothing when it carries none. */
export function passwordsIn(text: string): string[] {
  return secretsWritten(text).flatMap((written) => [...new Set([written, percentDecoded(written)])])
}

/** Each secret of a URL as it is written there, in its order. */
export function secretsWritten(text: string): string[] {
  return mergeSpans(spansOf(text))
    .map(({ from, to }) => text.slice(from, to))
    .filter((written) => written !== MASK)
}

function spansOf(text: string): Span[] {
  // Most text is neither, and looking for a word costs a fraction of matching a pattern.
  if (!text.includes('://') && !text.includes('=')) return []
  return [...urlSpans(text, /^[a-z][a-z0-9+.-]{0,30}:\/\/\S/i.test(text)), ...shapeSpans(text), ...assignedSpans(text)]
}
