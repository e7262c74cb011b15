// Old uploads: removed when nothing refers to them, and only files and folders of our own naming.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openHistory } from '../../electron/adapters/history-sqlite.ts'
import { sweepUploads } from '../../electron/compose/sweep-uploads.ts'
import { uploadsInUse } from '../../electron/compose/uploads-in-use.ts'
import type { System } from '../../electron/core/ports/system.ts'
import { openPool } from '../../worker/store/pool.ts'
import { testDatabase } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())
const HOUR = 60 * 60_000
const hex = (n: number) => n.toString(16).padStart(16, '0')

/** An upload as it is on disk, `hours` old. */
function upload(recordings: string, name: string, files: readonly string[], hours: number): string {
  const folder = join(recordings, name)
  mkdirSync(folder, { recursive: true })
  const then = new Date(Date.now() - hours * HOUR)
  for (const file of files) {
    writeFileSync(join(folder, file), 'sound')
    utimesSync(join(folder, file), then, then)
  }
  utimesSync(folder, then, then)
  return folder
}
const sweep = (recordings: string, referenced: readonly string[] = []) =>
  sweepUploads(
    {
      recordings,
      referenced: async () => new Set(referenced),
      onSwept: () => undefined,
      onProblem: (error) => expect.fail(String(error)),
    },
    Date.now(),
  )

test('removes what is older than a day and referred to by nothing, with broken transfers and empty folders', async () => {
  const recordings = folders.path()
  const gone = [
    upload(recordings, hex(1), ['call.m4a'], 25),
    upload(recordings, hex(2), ['call.m4a.0123abcd.part'], 25),
    upload(recordings, hex(3), ['call.m4a', 'call.m4a.0123abcd.part'], 25),
    upload(recordings, hex(4), [], 25),
  ]
  const kept = [
    upload(recordings, hex(5), ['young.m4a'], 23),
    upload(recordings, hex(6), ['queued.m4a'], 1000),
    upload(recordings, 'my calls', ['call.m4a'], 1000),
    upload(recordings, hex(7).toUpperCase().replace('7', 'F'), ['call.m4a'], 1000),
    upload(recordings, hex(8), ['two.m4a', 'files.m4a'], 1000),
    join(recordings, 'loose.m4a'),
  ]
  writeFileSync(join(recordings, 'loose.m4a'), 'x')
  // A transfer that is still growing has an old folder and a young file.
  const growing = upload(recordings, hex(9), ['big.m4a.0123abcd.part'], 25)
  writeFileSync(join(growing, 'big.m4a.0123abcd.part'), 'more')
  expect(await sweep(recordings, [hex(6)])).toBe(4)
  expect(gone.map(existsSync)).toEqual(gone.map(() => false))
  expect([...kept, growing].map(existsSync)).toEqual([...kept, growing].map(() => true))
  expect(await sweep(recordings, [hex(6)])).toBe(0)
})

test('any number of uploads in use does not hide the others', async () => {
  const recordings = folders.path()
  const used = Array.from({ length: 450 }, (_, n) => hex(n))
  for (const name of used) upload(recordings, name, ['call.m4a'], 25)
  upload(recordings, hex(1000), ['call.m4a'], 25)
  expect(await sweep(recordings, used)).toBe(1)
  expect(readdirSync(recordings).sort()).toEqual(used)
})

test.skipIf(process.platform === 'win32')(
  'removes nothing through a link, and no folder that holds other things',
  async () => {
    const [recordings, outside] = [folders.path(), folders.path()]
    writeFileSync(join(outside, 'kept'), 'kept')
    upload(recordings, hex(1), [], 25)
    mkdirSync(join(recordings, hex(1), 'sub'))
    upload(recordings, hex(2), [], 25)
    symlinkSync(join(outside, 'kept'), join(recordings, hex(2), 'call.m4a'))
    symlinkSync(outside, join(recordings, hex(3)))
    for (const name of [hex(1), hex(2)]) utimesSync(join(recordings, name), new Date(0), new Date(0))
    expect(await sweep(recordings)).toBe(0)
    const linked = join(folders.path(), 'recordings')
    upload(outside, hex(4), ['call.m4a'], 25)
    symlinkSync(outside, linked)
    expect(await sweep(linked)).toBe(0)
    expect([readFileSync(join(outside, 'kept'), 'utf8'), readdirSync(outside).sort()]).toEqual([
      'kept',
      [hex(4), 'kept'],
    ])
  },
)

test('nothing is removed when it is not known what is referred to', async () => {
  const recordings = folders.path()
  const folder = upload(recordings, hex(1), ['call.m4a'], 25)
  const unknown = {
    recordings,
    referenced: () => Promise.reject(new Error('no database')),
    onSwept: () => undefined,
    onProblem: () => undefined,
  }
  await expect(sweepUploads(unknown, Date.now())).rejects.toThrow('no database')
  expect(existsSync(folder)).toBe(true)
})

test('a job or the receipt of a removed one keeps its upload; so does a system whose paths are not known', async () => {
  const database = await testDatabase()
  const pool = openPool(database.url, 2, () => undefined)
  const history = openHistory(join(folders.path(), 'history.sqlite'))
  const local = { pool: async () => pool }
  const ask = (systems: readonly Pick<System, 'kind' | 'jobs'>[] = []) =>
    uploadsInUse([hex(1), hex(2), hex(3), hex(4)], local, history, systems)
  try {
    const path = (n: number) => `/data/recordings/${hex(n)}/call.m4a`
    await pool.query('INSERT INTO recordings (id, file_name, file_path) VALUES (gen_random_uuid(), $1, $2)', [
      'a',
      path(1),
    ])
    const receipt = {
      ...{ id: 'r1', action: 'remove-jobs', system: 'local', actor: 'a', via: 'terminal', at: '2026-01-01T00:00:00Z' },
      ...{ title: 't', summary: 's', command: 'c', count: 1, left: [], undoable: true, undone: null, params: {} },
    }
    history.append(receipt as never, JSON.stringify([{ file_path: path(2) }]))
    history.begin({ id: 'i1', paths: [path(3)] } as never)
    expect([...(await ask())].sort()).toEqual([hex(1), hex(2), hex(3)])
    const system = (can: boolean | Error) =>
      ({
        kind: 'recordings',
        jobs: { abilities: async () => (can instanceof Error ? Promise.reject(can) : { add: { can, because: '' } }) },
      }) as unknown as Pick<System, 'kind' | 'jobs'>
    expect((await ask([system(false)])).size).toBe(3)
    expect((await ask([system(true)])).size).toBe(4)
    expect((await ask([system(new Error('away'))])).size).toBe(4)
  } finally {
    history.close()
    await pool.close()
    await database.drop()
  }
})
