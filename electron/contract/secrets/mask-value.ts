// Masks the value of a variable: whole by its name or looks, or only the secret parts of an address.
import { assignedSpans } from './assigned-values.ts'
import { isSecretKey } from './key-names.ts'
import { isFindable, type KnownSecrets } from './known-text.ts'
import { coverSpans, MASK, mergeSpans, type Span } from './mask.ts'
import { isSecretLooking } from './random-value.ts'
import { shapeSpans } from './text-shapes.ts'
import { urlSpans } from './url-passwords.ts'

/** Whether a value is never shown whole: by the name of its key, or by what it looks like. */
export function isSecret(key: string, value: string | null): boolean {
  return value === null ? isSecretKey(key) : isSecretKey(key, value) || valueSpans(key, value).length > 0
}

/** The value as it may be shown; an empty one hides nothing. */
export function maskValue(key: string, value: string, known?: KnownSecrets): string {
  if (value === '') return ''
  if (isSecretKey(key, value)) return MASK
  return coverSpans(value, [...valueSpans(key, value), ...(known?.(value) ?? [])])
}

/** What is secret in a value, by its looks. `whole`: the value stands alone and not within its line. */
export function valueSpans(key: string, value: string): Span[] {
  if (value === '') return []
  if (isSecretLooking(key, value)) return [{ from: 0, to: value.length }]
  return [...urlSpans(value, true), ...shapeSpans(value), ...assignedSpans(value)]
}

/**
 * Values that must appear in no text: those of secret keys and the secret parts of all others, each as written and
 * percent-decoded, the longest first. Those too short or too common to be looked for are left out.
 */
export function secretsIn(values: Iterable<readonly [key: string, value: string]>): string[] {
  const found = new Set<string>()
  for (const [key, value] of values) {
    const spans = isSecretKey(key, value) ? [{ from: 0, to: value.length }] : []
    for (const { from, to } of mergeSpans([...spans, ...valueSpans(key, value)])) {
      const written = value.slice(from, to)
      for (const secret of [written, percentDecoded(written), ...innerParts(value, from, to)])
        if (isFindable(secret)) found.add(secret)
    }
  }
  return [...found].toSorted((a, b) => b.length - a.length)
}

/** Of a whole value that is an address, its password; of `user:password`, the password. */
function innerParts(value: string, from: number, to: number): string[] {
  if (from !== 0 || to !== value.length) return []
  const parts = [...urlSpans(value, true), ...assignedSpans(value)].map((span) => value.slice(span.from, span.to))
  const [, password] = /^[\w.@-]{1,60}:([^\s:/]{4,})$/.exec(value) ?? []
  return [...parts, ...parts.map(percentDecoded), ...(password === undefined ? [] : [password])]
}

/** A stray % stands for itself. */
export function percentDecoded(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch (error) {
    if (error instanceof URIError) return written
    throw error
  }
}
