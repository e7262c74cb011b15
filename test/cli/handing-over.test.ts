// report, bundle and open as commands: an incident leaves one data directory as a file, without its secrets.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { unpackBundle } from '../../electron/adapters/bundle-file.ts'
import { since } from '../../electron/cli/since.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { json, unjam } from './unjam.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

function unreachable(): string {
  const data = join(folder.path(), 'data')
  mkdirSync(data, { mode: 0o700 })
  const qc = { id: 'qc', kind: 'qc', url: 'http://user:in-the-url@127.0.0.1:9', token: 'in-the-token' }
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ systems: [qc] }), { mode: 0o600 })
  return data
}

test('a report says what cannot be read, and a bundle holds it; neither has a secret', async () => {
  const data = unreachable()
  const { text } = await json(data, ['report'], z.object({ text: z.string() }))
  expect(text).toContain('Cannot read qc')
  const page = join(data, 'r.html')
  await json(data, ['report', '--out', page, '--since', '6h'], z.object({ out: z.literal(page) }))
  const file = join(data, 'a.unjam')
  await json(data, ['bundle', '--out', file], z.object({ bytes: z.number() }))
  expect(unpackBundle(readFileSync(file), file).snapshot.findings.map(({ rule }) => rule)).toEqual([
    'source-unreachable',
  ])
  for (const out of [text, readFileSync(page, 'utf8'), gunzipSync(readFileSync(file)).toString()])
    for (const secret of ['in-the-url', 'in-the-token']) expect(out).not.toContain(secret)
})

test('what is no bundle, or no time, is refused with a sentence', async () => {
  const file = join(folder.path(), 'no.unjam')
  writeFileSync(file, 'hello')
  const no = await unjam(['open', file])
  expect([no.code, no.stderr]).toEqual([4, expect.stringContaining('it is not a gzipped file')])
  expect((await unjam(['bundle'])).code).toBe(64)
  expect(() => since('yesterdayish')).toThrow('neither a length')
  expect(since('90m', Date.parse('2026-02-05T19:43:08.000Z'))).toEqual({ from: '2026-02-05T18:13:08.000Z' })
})
