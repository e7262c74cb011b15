// A path of a container, on this machine: the longest mounted folder decides, and nothing leads out of it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localPath } from '../../worker/store/local-path.ts'

const folders = [
  { inside: '/recordings', here: '/srv/app/recordings' },
  { inside: '/recordings/archive/', here: 'D:\\old calls' },
  { inside: '/nas', here: '\\\\nas\\calls' },
]

describe('a path that a row names', () => {
  test.each([
    ['/recordings/a.m4a', '/srv/app/recordings/a.m4a'],
    ['/recordings/may/Grüße.m4a', '/srv/app/recordings/may/Grüße.m4a'],
    ['/recordings/archive/b.m4a', 'D:\\old calls\\b.m4a'],
    ['/recordings/archive', 'D:\\old calls'],
    ['/nas/x/c.m4a', '\\\\nas\\calls\\x\\c.m4a'],
    ['/recordings2/d.m4a', '/recordings2/d.m4a'],
    ['/recordings/../etc/passwd', '/recordings/../etc/passwd'],
    ['/recordings/may/../a.m4a', '/srv/app/recordings/a.m4a'],
    ['C:\\app\\e.m4a', 'C:\\app\\e.m4a'],
    ['relative.m4a', 'relative.m4a'],
    ['', ''],
  ])('%s is %s', (path, here) => {
    expect(localPath(path, folders)).toBe(here)
  })

  test('whatever it is, it stays inside the folder that holds it', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'archive', '.hidden')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const here = localPath(`/recordings/${parts.join('/')}`, folders.slice(0, 1))
        if (here.startsWith('/srv')) expect(here).toMatch(/^\/srv\/app\/recordings(\/|$)/)
        expect(localPath(here, [])).toBe(here)
      }),
    )
  })

  test('without folders it is as it stands', () => {
    fc.assert(fc.property(fc.string(), (path) => localPath(path, []) === path))
  })
})
