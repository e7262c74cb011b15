// URLs with passwords as people write them: read as they were meant, shown without, and shown again with them.
import fc from 'fast-check'
import { parse } from 'pg-connection-string'
import { describe, expect, it } from 'vitest'
import { encodeUserinfo } from '../../../electron/contract/secrets/encode-userinfo.ts'
import { MASK } from '../../../electron/contract/secrets/mask.ts'
import { maskText } from '../../../electron/contract/secrets/mask-text.ts'
import { maskUrl, passwordsIn } from '../../../electron/contract/secrets/url-display.ts'
import { hidePassword, withPassword } from '../../../renderer/hidden-password.ts'

/** Whatever people and generators put into a password; `%41` would be a letter to every parser. */
const passwords = fc
  .string({ minLength: 4, maxLength: 20, unit: fc.constantFrom(...'abcXYZ0189/?#@:;&=+%!$*()[]{}<>|^~`\'"\\,._- é') })
  .filter(
    (text) =>
      text.trim() === text &&
      !/%[0-9a-f]{2}|^\$\{?\w|[,;|][a-z]+:\/\//i.test(text) &&
      !/\?(user|host|db|ssl\w*|options|service|email)=/.test(text),
  )

describe.each(['postgresql', 'redis', 'amqp', 'mysql'])('%s', (scheme) => {
  it('any password is read as it was meant, and never shown', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const url = `${scheme}://app:${password}@db.example:5432/x`
        const encoded = new URL(encodeUserinfo(url))
        expect(decodeURIComponent(encoded.password)).toBe(password)
        expect([encoded.username, encoded.host, encoded.pathname]).toEqual(['app', 'db.example:5432', '/x'])
        expect(encodeUserinfo(encoded.href)).toBe(encoded.href)
        expect(maskUrl(url)).toBe(`${scheme}://app:${MASK}@db.example:5432/x`)
        expect(maskUrl(maskUrl(url))).toBe(maskUrl(url))
        expect(passwordsIn(url)).toContain(password)
        expect(maskText(`cannot reach ${encoded.href} now`)).toBe(
          `cannot reach ${scheme}://app:${MASK}@db.example:5432/x now`,
        )
        const { shown, password: kept } = hidePassword(url)
        expect(shown).toBe(maskUrl(url))
        expect(withPassword(shown, kept)).toBe(url)
      }),
      { numRuns: 500 },
    )
  })
})

it('Postgres takes what was not encoded', () => {
  for (const password of ['p4ss/word', '77/x', 'a?b', 'a#b', 'a@b', '100%', 'a b'])
    expect(parse(encodeUserinfo(`postgresql://u:${password}@h:5433/d`))).toMatchObject({
      ...{ user: 'u', password, host: 'h', port: '5433', database: 'd' },
    })
})

it.each([
  'redis://redis:6379/0',
  'http://127.0.0.1:7300/mail/a@b',
  'postgresql://db/x?user=me@tenant&sslmode=require',
  'postgresql://u:p%2Fw@h/x',
  'redis+socket:///run/redis.sock?virtual_host=4',
  'not a url',
  '',
])('%j is left as it is', (url) => {
  expect(encodeUserinfo(url)).toBe(url)
})
