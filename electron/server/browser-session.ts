// How a browser signs in: a link that works once becomes a cookie, and the token never stays in an address.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Links handed out and not used yet; the oldest is forgotten first. */
const MAX_LINKS = 32

export interface BrowserSessions {
  /** A fresh one-time token for `/?token=…`. */
  issue(): string
  /** The Set-Cookie value when `token` is one of ours and unused; null otherwise. Uses it up. */
  redeem(token: string): string | null
  /** Whether a Cookie header holds a session signed with our token. */
  holds(cookies: string | undefined): boolean
}

/**
 * Sessions are signed with `secret`, not stored: a fixed `--token` keeps a browser signed in over a restart, another
 * token ends all. `port` is part of the cookie's name since cookies do not tell ports of one host apart.
 */
export function browserSessions(secret: string, port: number): BrowserSessions {
  const unused = new Set<string>()
  const cookie = `unjam-${port}`
  const sign = (id: string) => createHmac('sha256', secret).update(`session:${id}`).digest('base64url')
  return {
    issue() {
      const token = randomBytes(32).toString('base64url')
      unused.add(digest(token))
      const [oldest] = unused
      if (unused.size > MAX_LINKS && oldest !== undefined) unused.delete(oldest)
      return token
    },
    redeem(token) {
      if (!unused.delete(digest(token))) return null
      const id = randomBytes(16).toString('base64url')
      return `${cookie}=${id}.${sign(id)}; Path=/; HttpOnly; SameSite=Strict`
    },
    holds(cookies) {
      const values = (cookies ?? '').split(';').map((pair) => pair.trim())
      return values.some((pair) => {
        if (!pair.startsWith(`${cookie}=`)) return false
        const [id = '', signature = ''] = pair.slice(cookie.length + 1).split('.')
        return sameSecret(signature, sign(id))
      })
    },
  }
}

/** Compares without telling by its duration how much matched. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest())
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
