// The data directory: closed to other accounts where it is ours, reported where it is not; nothing outside changes.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createDataFolder } from '../../electron/compose/data-folder.ts'
import { type DoctorParts, doctor } from '../../electron/compose/doctor.ts'
import { sweep } from '../../electron/compose/sweep.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** As an earlier version or a copy leaves it: everything readable by everybody. */
function openDirectory(): string {
  const path = folders.path()
  for (const folder of ['run', 'logs', 'scratch', 'recordings', 'models']) mkdirSync(join(path, folder))
  const files = ['history.sqlite', 'history.sqlite-wal', 'settings.json', 'logs/unjam.log', 'run/browser.json']
  for (const file of files) writeFileSync(join(path, file), '{}')
  for (const one of ['', 'run', 'logs', 'scratch', 'recordings']) chmodSync(join(path, one), 0o755)
  for (const file of files) chmodSync(join(path, file), 0o644)
  return path
}

describe.skipIf(process.platform === 'win32')('access', () => {
  test('a new one is for its owner only', () => {
    const path = join(folders.path(), 'data')
    const before = process.umask(0)
    try {
      expect(createDataFolder(path).notices).toEqual([])
    } finally {
      process.umask(before)
    }
    expect(['', 'run', 'logs'].map((name) => mode(join(path, name)))).toEqual(['700', '700', '700'])
  })

  test('an open one of ours is closed, with everything that Unjam keeps in it', () => {
    const path = openDirectory()
    expect(createDataFolder(path).notices).toEqual([])
    expect(['', 'run', 'logs', 'scratch', 'recordings'].map((one) => mode(join(path, one)))).toEqual([
      '700',
      '700',
      '700',
      '700',
      '700',
    ])
    const files = ['history.sqlite', 'history.sqlite-wal', 'settings.json', 'logs/unjam.log', 'run/browser.json']
    expect(files.map((file) => mode(join(path, file)))).toEqual(files.map(() => '600'))
  })

  test('files of a folder that logs is a link to keep their access', () => {
    const path = folders.path()
    const elsewhere = folders.path()
    writeFileSync(join(elsewhere, 'theirs.txt'), 'x')
    chmodSync(join(elsewhere, 'theirs.txt'), 0o644)
    symlinkSync(elsewhere, join(path, 'logs'))
    createDataFolder(path)
    expect(mode(join(elsewhere, 'theirs.txt'))).toBe('644')
  })

  test('an open secrets.json is left as it is: the reader refuses it, because it may have been read', () => {
    const path = openDirectory()
    writeFileSync(join(path, 'secrets.json'), '{}')
    chmodSync(join(path, 'secrets.json'), 0o644)
    createDataFolder(path)
    expect(mode(join(path, 'secrets.json'))).toBe('644')
  })

  test('a shared folder keeps its access and is reported; what Unjam wrote in it is closed', () => {
    const path = openDirectory()
    for (const name of ['report.docx', 'photos']) writeFileSync(join(path, name), 'x', { mode: 0o644 })
    const [notice, ...more] = createDataFolder(path).notices
    expect(more).toEqual([])
    expect(notice).toContain(`Other accounts on this computer can open the data directory ${path}.`)
    expect(notice).toMatch(/it also holds \S+ and 1 more, which Unjam did not write/)
    expect([mode(path), mode(join(path, 'report.docx'))]).toEqual(['755', '644'])
    // Only the check of the directory is asked for: what the others need is not there.
    const checks = doctor({ folder: createDataFolder(path), root: path } as DoctorParts)
    expect(checks.find(({ id }) => id === 'data')).toMatchObject({ state: 'later', sentence: notice })
    expect(['history.sqlite', 'settings.json', 'run'].map((one) => mode(join(path, one)))).toEqual([
      '600',
      '600',
      '700',
    ])
  })

  test.runIf(process.getuid?.() === 0)('one of another account keeps its access and is reported', () => {
    const path = openDirectory()
    for (const one of ['', 'history.sqlite']) chownSync(join(path, one), 65_534, 65_534)
    expect(createDataFolder(path).notices).toEqual([expect.stringContaining('it belongs to another account')])
    expect([mode(path), mode(join(path, 'history.sqlite'))]).toEqual(['755', '644'])
    expect(mode(join(path, 'settings.json'))).toBe('600')
  })

  test('what a link in it leads to keeps its mode', () => {
    const path = openDirectory()
    const outside = folders.path()
    chmodSync(outside, 0o755)
    writeFileSync(join(outside, 'file'), '', { mode: 0o644 })
    symlinkSync(outside, join(path, 'recreate'))
    for (const name of ['findings.sqlite', 'run/token', 'logs/desktop.log'])
      symlinkSync(join(outside, 'file'), join(path, name))
    expect(createDataFolder(path).notices).toEqual([])
    expect([mode(outside), mode(join(outside, 'file'))]).toEqual(['755', '644'])
  })

  test('a run folder that is a link is refused', () => {
    const path = folders.path()
    symlinkSync(folders.path(), join(path, 'run'))
    expect(() => createDataFolder(path)).toThrow(/run is a symbolic link/)
  })
})

test('a start removes the scratch of killed commands, and nothing of the same name elsewhere', async () => {
  const folder = createDataFolder(folders.path())
  const names = ['transcribe-999999999', 'worker-999999999', `transcribe-${process.pid}`, 'worker', 'mine-999999999']
  for (const name of names) {
    mkdirSync(join(folder.scratch, name), { recursive: true })
    writeFileSync(join(folder.scratch, name, 'x.wav'), 'x')
  }
  const parts = ['a.bin.999999999.part', `a.bin.${process.pid}.part`, 'a.bin.part', 'a.bin']
  mkdirSync(folder.models)
  for (const part of parts) writeFileSync(join(folder.models, part), 'x')
  await sweep(folder)
  expect(readdirSync(folder.models).sort()).toEqual(parts.slice(1).sort())
  const left = names.filter((name) => statSync(join(folder.scratch, name), { throwIfNoEntry: false }) !== undefined)
  expect(left).toEqual(names.slice(2))
  if (process.platform === 'win32') return
  const [outside, linked] = [folders.path(), createDataFolder(folders.path())]
  mkdirSync(join(outside, 'transcribe-999999999'))
  writeFileSync(join(outside, 'transcribe-999999999', 'x.wav'), 'kept')
  symlinkSync(outside, linked.scratch)
  await sweep(linked)
  expect(readFileSync(join(outside, 'transcribe-999999999', 'x.wav'), 'utf8')).toBe('kept')
})

test('an unfinished text of the settings or the secrets is removed at start, and nothing that is only like it', async () => {
  const folder = createDataFolder(folders.path())
  const unfinished = ['.settings.json.0123456789ab.new', '.secrets.json.ffffffffffff.new']
  const others = ['.settings.json.0123.new', 'settings.json', '.other.json.0123456789ab.new']
  for (const name of [...unfinished, ...others]) writeFileSync(join(folder.path, name), 'x')
  await sweep(folder)
  const left = readdirSync(folder.path)
  expect([...unfinished, ...others].filter((name) => left.includes(name))).toEqual(others)
})
