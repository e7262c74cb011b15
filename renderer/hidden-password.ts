// A URL on screen never shows its password: what was typed is kept beside it and put back where it is sent.
/** As the core masks what it sends: a URL that still has this means the password that is stored. */
export const MASK = '••••••'

// To the last @: a password may hold one itself, and hiding too much is better than too little.
const PASSWORD = /^([a-z]+:\/\/[^:@/?#]*:)(.+)@/i

/** The URL with its password hidden, and the password if it is a new one. */
export function hidePassword(url: string): { shown: string; password: string | null } {
  const match = PASSWORD.exec(url)
  if (match === null || match[2] === MASK) return { shown: url, password: null }
  return { shown: url.replace(PASSWORD, (_, before: string) => `${before}${MASK}@`), password: match[2] ?? null }
}

/** What is sent: the hidden password again, unless the person wrote another over it. */
export function withPassword(shown: string, password: string | null): string {
  if (password === null) return shown
  return shown.replace(PASSWORD, (whole, before: string, at: string) => (at === MASK ? `${before}${password}@` : whole))
}
