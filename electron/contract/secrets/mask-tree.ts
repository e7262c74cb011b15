// Masks every string of a value that JSON can hold, keys of objects included.
import { isSecretField } from './key-names.ts'
import type { KnownSecrets } from './known-text.ts'
import { MASK } from './mask.ts'
import { maskKnown } from './mask-text.ts'

/** The same value with nothing secret in it. Numbers, booleans and null stay, whatever their key. */
export function maskTree<T>(value: T, known: KnownSecrets): T {
  return walk(value, '', known) as T
}

function walk(value: unknown, key: string, known: KnownSecrets): unknown {
  if (typeof value === 'string') return value !== '' && isSecretField(key, value) ? MASK : maskKnown(value, known)
  if (Array.isArray(value)) return value.map((one) => walk(one, key, known))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [maskKnown(name, known), walk(one, name, known)]),
  )
}
