// Masks secrets in any text: errors, lines of logs, commands, reports.
import { assignedSpans } from './assigned-values.ts'
import { findKnown, type KnownSecrets } from './known-text.ts'
import { coverSpans, type Span } from './mask.ts'
import { shapeSpans } from './text-shapes.ts'
import { urlSpans } from './url-passwords.ts'

const NOTHING: KnownSecrets = () => []

/** What is secret in a text by its shape, and every occurrence of a known secret. */
export function textSpans(text: string, known: KnownSecrets = NOTHING): Span[] {
  // Most texts are neither, and looking for a sign costs a fraction of matching patterns.
  const plain = text.length < 6 || !/[=:@_.-]|earer|asic|oken|PASS|IDENT|equirepass|asterauth/i.test(text)
  return [...(plain ? [] : [...urlSpans(text, false), ...shapeSpans(text), ...assignedSpans(text)]), ...known(text)]
}

/** The text with every secret replaced. */
export function maskText(text: string, secrets: readonly string[] = []): string {
  return maskKnown(text, findKnown(secrets))
}

/** The same with secrets made findable before, for many texts. */
export function maskKnown(text: string, known?: KnownSecrets): string {
  return coverSpans(text, textSpans(text, known))
}
