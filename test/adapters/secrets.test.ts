// Secrets by reference, and URLs that can be shown.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { resolveSecret } from '../../electron/adapters/secrets.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { maskUrl, passwordsIn } from '../../electron/contract/secrets/url-display.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => {
  folders.remove()
  delete process.env.UNJAM_TEST_VALUE
})

function withSecrets(text: string, mode = 0o600) {
  const data = folders.path()
  writeFileSync(join(data, 'secrets.json'), text)
  chmodSync(join(data, 'secrets.json'), mode)
  return data
}

test('a value is itself, a reference what it names', () => {
  process.env.UNJAM_TEST_VALUE = 'from outside'
  const data = withSecrets('{"DB": "from the file"}')
  expect(resolveSecret('postgres://u:p@h/d', data)).toBe('postgres://u:p@h/d')
  expect(resolveSecret('env:UNJAM_TEST_VALUE')).toBe('from outside')
  expect(resolveSecret('secret:DB', data)).toBe('from the file')
})

test('what is absent is named with what to do', () => {
  expect(() => resolveSecret('env:UNJAM_TEST_VALUE')).toThrow(/env:UNJAM_TEST_VALUE.*is not set.*Set UNJAM_TEST_VALUE/)
  expect(() => resolveSecret('secret:DB', folders.path())).toThrow(/there is no .*secrets\.json/)
  expect(() => resolveSecret('secret:DB', withSecrets('{"QC": "x"}'))).toThrow(/has no "DB"/)
  expect(() => resolveSecret('secret:toString', withSecrets('{"QC": "x"}'))).toThrow(/has no "toString"/)
  expect(() => resolveSecret('secret:DB')).toThrow(/no data directory/)
})

test('a damaged or open file is refused without telling what is in it', () => {
  expect(() => resolveSecret('secret:DB', withSecrets('{"DB": "hunter2"'))).toThrow(/it is not JSON/)
  expect(() => resolveSecret('secret:DB', withSecrets('{"DB": {"deep": "hunter2"}}'))).toThrow(/values are all text/)
  const open = withSecrets('{"DB": "hunter2"}', 0o644)
  expect(() => resolveSecret('secret:DB', open)).toThrow(/other users.*chmod 600/)
  for (const data of [withSecrets('hunter2'), open])
    expect(() => resolveSecret('secret:DB', data)).not.toThrow(/hunter2/)
})

test.each([
  ['postgres://app:p@h/db', `postgres://app:${MASK}@h/db`],
  ['postgres://app:p@ss@h/db', `postgres://app:${MASK}@h/db`],
  ['postgres://app:p/w#x?y@h/db', `postgres://app:${MASK}@h/db`],
  ['redis://:pw@h:6379/0', `redis://:${MASK}@h:6379/0`],
  ['cannot reach postgresql://a:b@h:5432/x now', `cannot reach postgresql://a:${MASK}@h:5432/x now`],
  ['{"url":"redis://:pw@h","x":"a@b"}', `{"url":"redis://:${MASK}@h","x":"a@b"}`],
  ['postgres://h/db?user=a&password=pw&x=1', `postgres://h/db?user=a&password=${MASK}&x=1`],
  ['http://127.0.0.1:7300/jobs', 'http://127.0.0.1:7300/jobs'],
  ['http://127.0.0.1:7300/mail/a@b', 'http://127.0.0.1:7300/mail/a@b'],
  ['7xpostgres://app:p@h/db', `7xpostgres://app:${MASK}@h/db`],
  ['postgres://app@h/db', 'postgres://app@h/db'],
  ['a: b@c', 'a: b@c'],
])('%s is shown as %s', (text, shown) => {
  expect(maskUrl(text)).toBe(shown)
})

test('no password is ever shown, and masking twice is masking once', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9!$&'()*+,;=:@%~._-]{4,20}$/), (password) => {
      const url = `postgres://app:${password}@db.example:5432/x`
      expect(maskUrl(url)).toBe(`postgres://app:${MASK}@db.example:5432/x`)
      expect(maskUrl(maskUrl(url))).toBe(maskUrl(url))
      expect(passwordsIn(url)).toContain(password)
    }),
  )
})

test.each(['y', 'a://', 'a://b:', '?token', 'a://b:c@'])(
  'a text of a million characters of %j is masked in the time that its length takes',
  (part) => {
    const long = part.repeat(1_000_000 / part.length)
    // A quadratic reading takes hours, and with them the test's time.
    expect(maskUrl(long).length).toBeLessThanOrEqual(long.length)
  },
)
