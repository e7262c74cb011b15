// The chosen access token: from a file or the environment, never in a process list without a warning.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { accessToken, warnOfPassword } from '../../electron/cli/access-token.ts'
import { serveApp, TOKEN } from '../support/serving-host.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())

function ask(values: Parameters<typeof accessToken>[0], env: Record<string, string | undefined> = {}) {
  const warnings: string[] = []
  return { token: accessToken(values, env, (sentence) => void warnings.push(sentence)), warnings, env }
}
function tokenFile(text: string, mode = 0o600): string {
  const file = join(folders.path(), 'token')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

describe('the token', () => {
  test('comes from --token-file, --token or UNJAM_TOKEN, in that order, or there is none', () => {
    expect(ask({})).toEqual({ token: null, warnings: [], env: {} })
    expect(ask({}, { UNJAM_TOKEN: '' }).token).toBeNull()
    expect(ask({}, { UNJAM_TOKEN: 'from-env', OTHER: 'x' })).toEqual({
      ...{ token: 'from-env', warnings: [] },
      env: { OTHER: 'x' },
    })
    for (const text of ['from-file', 'from-file\n', '\uFEFFfrom-file\r\nmore'])
      expect(ask({ 'token-file': tokenFile(text) }, { UNJAM_TOKEN: 'from-env' })).toEqual({
        ...{ token: 'from-file', warnings: [], env: {} },
      })
    const flag = ask({ token: 'from-flag' }, { UNJAM_TOKEN: 'from-env' })
    expect([flag.token, flag.env]).toEqual(['from-flag', {}])
    expect(flag.warnings).toEqual([
      'Every account on this computer can read --token in the process list. Use --token-file or UNJAM_TOKEN.',
    ])
  })

  test.skipIf(process.platform === 'win32')('a file that others can read is used, with a warning', () => {
    const { token, warnings } = ask({ 'token-file': tokenFile('abc', 0o644) })
    expect([token, warnings]).toEqual(['abc', [expect.stringContaining('Other accounts can read the token file')]])
  })

  test('wrong ones are refused without being repeated', () => {
    const secret = 'p4ss word/?'
    const wrong = [
      () => ask({ token: secret }),
      () => ask({}, { UNJAM_TOKEN: secret }),
      () => ask({ 'token-file': tokenFile(secret) }),
      () => ask({ 'token-file': tokenFile('') }),
      () => ask({ 'token-file': join(folders.path(), 'missing') }),
      () => ask({ 'token-file': '/dev/zero' }),
      () => ask({ token: 'a', 'token-file': tokenFile('b') }),
    ]
    for (const one of wrong) {
      expect(one).toThrow(/--token|UNJAM_TOKEN/)
      expect(one).not.toThrow(secret)
    }
  })

  test('a database URL with a password is warned of; env:NAME and one without are not', () => {
    const warnings: string[] = []
    for (const url of [undefined, 'env:DATABASE', 'postgresql://app@db:5432/app', 'postgresql://app:p4ss@db/app'])
      warnOfPassword('database', url, (sentence) => void warnings.push(sentence))
    expect(warnings).toEqual([expect.stringContaining('the password of --database in the process list')])
  })
})

test.runIf(process.platform === 'linux')('a serving Unjam has its token in no process list', async () => {
  const host = await serveApp({ settings: { systems: [] } })
  try {
    expect(await host.api('/host')).toMatchObject({ host: 'browser' })
    const open = (pid: string) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    }
    const serving = readdirSync('/proc')
      .map(open)
      .filter((line) => line.includes(host.dataDir))
    expect(serving.length).toBeGreaterThan(0)
    expect(serving.filter((line) => line.includes(TOKEN))).toEqual([])
  } finally {
    await host.stop()
  }
})
