// Finding files: what a person named or dropped, however odd, each with the hash of its bytes.

import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createFileFinder } from '../../electron/adapters/file-finder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())

const finder = createFileFinder()
const find = (...paths: string[]) => finder.find(paths, AbortSignal.timeout(60_000))
const sha = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const GONE = 'There is no file or folder at this path.'

function tree(files: Record<string, string>) {
  const root = folders.path()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

describe('files', () => {
  test('a named file is taken whatever its name, with name, size and hash', async () => {
    const root = tree({ 'notes.txt': 'hello', 'no extension': '', 'zero.m4a': '' })
    const names = ['notes.txt', 'no extension', 'zero.m4a'].map((name) => join(root, name))
    expect(await find(...names)).toEqual({
      files: [
        { path: names[0], title: 'notes.txt', bytes: 5, sha256: sha('hello') },
        { path: names[1], title: 'no extension', bytes: 0, sha256: sha('') },
        { path: names[2], title: 'zero.m4a', bytes: 0, sha256: sha('') },
      ],
      refused: [],
    })
  })

  test('odd names: spaces, quotes, %, other scripts, 250 characters', async () => {
    const names = [
      ...[' lead and trail .m4a', `it's "quoted".mp3`, '100%25 %s %00.wav', 'Überprüfung – Montag.m4a', '会議 🎙.mp3'],
      ...['-rf.wav', '$HOME `id`.wav', 'a\nb.wav', `${'x'.repeat(246)}.wav`],
    ]
    const root = tree(Object.fromEntries(names.map((name) => [name, name])))
    const { files, refused } = await find(root)
    expect(refused).toEqual([])
    expect(new Map(files.map(({ title, sha256 }) => [title, sha256]))).toEqual(
      new Map(names.map((name) => [name, sha(name)])),
    )
  })

  test('large files are streamed, and the hash is that of all bytes', async () => {
    const root = folders.path()
    const bytes = randomBytes(5_000_001)
    writeFileSync(join(root, 'big.wav'), bytes)
    expect((await find(join(root, 'big.wav'))).files[0]).toMatchObject({ bytes: 5_000_001, sha256: sha(bytes) })
  })

  test('relative paths become absolute; the same file named twice is one', async () => {
    const root = tree({ 'a.wav': 'a' })
    const path = join(root, 'a.wav')
    const { files } = await find(relative(process.cwd(), path), path, root, join(root, '.', 'a.wav'))
    expect(files.map((file) => file.path)).toEqual([path])
  })

  test.runIf(process.platform === 'linux')(
    'a file that is there but cannot be read is taken without a hash',
    async () => {
      // /proc/self/mem is a regular file whose first page nobody can read, root neither.
      const { files, refused } = await find('/proc/self/mem')
      expect(files).toEqual([{ path: '/proc/self/mem', title: 'mem', bytes: 0, sha256: null }])
      expect(refused).toEqual([])
    },
  )
})

describe('what is refused', () => {
  test('each path that leads nowhere has its sentence, and the others are found', async () => {
    const root = tree({ 'a.wav': 'a' })
    symlinkSync(join(root, 'nowhere'), join(root, 'broken.wav'))
    symlinkSync('loop.wav', join(root, 'loop.wav'))
    const paths = ['missing.wav', 'a.wav/inside.wav', 'broken.wav', 'loop.wav', `${'y'.repeat(300)}.wav`, 'a.wav']
    const { files, refused } = await find(...paths.map((path) => join(root, path)))
    expect(files.map(({ title }) => title)).toEqual(['a.wav'])
    expect(refused.map(({ because }) => because)).toEqual([
      ...[GONE, GONE, GONE, 'Its links go round in a circle.', 'The path is longer than this system allows.'],
    ])
    expect(refused[0]?.path).toBe(join(root, 'missing.wav'))
  })

  test.runIf(process.platform !== 'win32')('a pipe would never end and is neither file nor folder', async () => {
    const root = folders.path()
    execFileSync('mkfifo', [join(root, 'p.wav')])
    expect(await find(join(root, 'p.wav'))).toEqual({
      files: [],
      refused: [{ path: join(root, 'p.wav'), because: 'This is neither a file nor a folder.' }],
    })
    expect((await find(root)).files).toEqual([])
  })

  test('a folder without recordings says so', async () => {
    const root = tree({ 'readme.txt': 'x', 'deep/er/notes.pdf': 'y' })
    expect(await find(root)).toEqual({
      files: [],
      refused: [{ path: root, because: 'There is no audio or video file in this folder.' }],
    })
  })

  test('a path with a NUL is refused, not thrown', async () => {
    expect((await find('/tmp/a\0b.wav')).refused).toHaveLength(1)
  })
})

describe('folders', () => {
  test('at any depth, only media, in a stable order', async () => {
    const root = tree({
      ...{ 'b.MP3': '1', 'a.wav': '2', 'B.wav': '3', 'x/z.m4a': '4', 'x/y/q.webm': '5', 'x/cover.jpg': '6' },
      ...{ '.hidden.wav': '7', 'a.wav.txt': '8' },
    })
    const { files } = await find(root)
    const names = files.map(({ path }) => relative(root, path).replaceAll('\\', '/'))
    expect(names).toEqual(['.hidden.wav', 'B.wav', 'a.wav', 'b.MP3', 'x/y/q.webm', 'x/z.m4a'])
    expect((await find(root)).files).toEqual(files)
  })

  test('links: to files and folders are followed, circles end, a folder reached twice is read once', async () => {
    const root = tree({ 'one/a.wav': 'a', 'two/b.wav': 'b' })
    const outside = tree({ 'c.wav': 'c' })
    symlinkSync(root, join(root, 'one', 'up'))
    symlinkSync(join(root, 'two'), join(root, 'one', 'two-again'))
    symlinkSync(outside, join(root, 'outside'))
    symlinkSync(join(outside, 'c.wav'), join(root, 'link.wav'))
    symlinkSync(join(root, 'gone'), join(root, 'dangling.wav'))
    linkSync(join(root, 'two', 'b.wav'), join(root, 'two', 'hard.wav'))
    const { files, refused } = await find(root)
    expect(refused).toEqual([])
    expect(files.map(({ sha256 }) => sha256).sort()).toEqual([sha('a'), sha('b'), sha('b'), sha('c'), sha('c')].sort())
  })

  test('many files: all of them, in order, with a bound on what is open at once', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `${String(i).padStart(3, '0')}.wav`)
    const root = tree(Object.fromEntries(names.map((name) => [name, name])))
    const { files } = await find(root)
    expect(files.map(({ title }) => title)).toEqual(names)
    expect(files.every(({ title, sha256 }) => sha256 === sha(title))).toBe(true)
  })

  test('giving up ends it', async () => {
    const root = tree({ 'a.wav': 'a' })
    await expect(finder.find([root], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})
