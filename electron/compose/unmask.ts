// A draft from a form shows •••••• where a stored password was: what it stands for, and what may be stored of it.

import { FailureError } from '../contract/failure.ts'
import { MASK } from '../contract/secrets/mask.ts'
import { maskUrl, passwordsIn, secretsWritten } from '../contract/secrets/url-display.ts'
import type { SystemSettings } from '../contract/settings.ts'

/** The values of a system that may be or carry a secret. */
export const secretParts = ['database', 'broker', 'results', 'api', 'url', 'token'] as const
export type SecretPart = (typeof secretParts)[number]

export type Draft = SystemSettings
type Values = Partial<Record<SecretPart, string>>

export function valuesOf(system: object): Values {
  const values: Values = {}
  for (const part of secretParts) {
    const value: unknown = Reflect.get(system, part)
    if (typeof value === 'string') values[part] = value
  }
  return values
}

/** The draft with every masked value as it is stored in `before`; a mask that stands for nothing there is refused. */
export function unmasked(draft: Draft, before: Draft | undefined): Draft {
  const stored = before === undefined ? {} : valuesOf(before)
  const changed: Values = {}
  for (const [part, value] of Object.entries(valuesOf(draft)))
    if (value.includes(MASK)) changed[part as SecretPart] = unmaskedValue(part, value, stored[part as SecretPart])
  return { ...draft, ...changed }
}

/** @param stored as the settings hold it; what it refers to is none of the form's business. */
export function unmaskedValue(part: string, shown: string, stored: string | undefined): string {
  if (!shown.includes(MASK)) return shown
  if (stored !== undefined && (shown === MASK || maskUrl(stored) === shown)) return stored
  const [password, ...others] = stored === undefined ? [] : secretsWritten(stored)
  // A password goes to the host and user it was given for and to no other: a form must not be a way to fetch it.
  if (password === undefined || others.length > 0 || stored === undefined || origin(shown) !== origin(maskUrl(stored)))
    throw new FailureError({
      kind: 'invalid',
      tried: 'Use the stored password',
      on: part,
      because: stored === undefined ? 'none is stored for it' : 'the address or the user is another one now',
      remedy: 'Type the password again.',
    })
  return shown.replace(MASK, () => password)
}

/** Everything before the path: scheme, user, mask, host, port. */
function origin(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? ''
}

/** Whether the value itself is or carries a secret, and so belongs into secrets.json. */
export function carriesSecret(part: SecretPart, value: string): boolean {
  if (/^(env|secret):/.test(value)) return false
  return part === 'token' || passwordsIn(value).length > 0
}
