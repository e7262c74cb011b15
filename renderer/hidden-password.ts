// A URL on screen never shows its password: what was typed is kept beside it and put back where it is sent.
import { MASK } from '../electron/contract/secrets/mask.ts'
import { userinfoOf } from '../electron/contract/secrets/url-passwords.ts'

/** The URL with its password hidden, and the password if it is a new one. */
export function hidePassword(url: string): { shown: string; password: string | null } {
  const place = passwordPlace(url)
  if (place === null) return { shown: url, password: null }
  const [from, at] = place
  const password = url.slice(from, at)
  if (password === MASK) return { shown: url, password: null }
  return { shown: url.slice(0, from) + MASK + url.slice(at), password }
}

/** What is sent: the hidden password again, unless the person wrote another over it. */
export function withPassword(shown: string, password: string | null): string {
  const place = password === null ? null : passwordPlace(shown)
  if (place === null) return shown
  const [from, at] = place
  return shown.slice(from, at) === MASK ? shown.slice(0, from) + password + shown.slice(at) : shown
}

/** Where the password begins and ends; null without one. */
function passwordPlace(url: string): [from: number, at: number] | null {
  const info = userinfoOf(url)
  return info === null || info.password === null || info.password === info.at ? null : [info.password, info.at]
}
