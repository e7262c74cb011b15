// What is chosen for a machine: data directory, slots and threads, window or browser.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createDataFolder, dataDirectory } from '../../electron/compose/data-folder.ts'
import { desktopReady } from '../../electron/compose/desktop.ts'
import { capacity } from '../../electron/compose/worker-slots.ts'

const folders: string[] = []
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-choices-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('the data directory', () => {
  test('is the one given, then UNJAM_DATA, then the place of the platform', () => {
    expect(dataDirectory('here', { UNJAM_DATA: '/env' }, 'linux')).toBe(resolve('here'))
    expect(dataDirectory(undefined, { UNJAM_DATA: '/env' }, 'linux')).toBe('/env')
    expect(dataDirectory(undefined, { XDG_DATA_HOME: '/xdg', UNJAM_DATA: '' }, 'linux')).toBe('/xdg/unjam')
    expect(dataDirectory(undefined, {}, 'linux')).toMatch(/\.local\/share\/unjam$/)
    expect(dataDirectory(undefined, { LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'Unjam'))
    expect(dataDirectory(undefined, {}, 'darwin')).toMatch(/Library\/Application Support\/Unjam$/)
  })

  test('a file in its place is a sentence that names it', () => {
    const file = join(temporary(), 'file')
    writeFileSync(file, '')
    expect(() => createDataFolder(file)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ kind: 'refused', on: file }) }),
    )
  })
})

describe('slots and threads', () => {
  const GB = 1e9
  const open = { slots: null, threads: null }

  test.each([
    [{ cores: 1, memoryBytes: 2 * GB }, open, { slots: 1, threads: 1 }],
    [{ cores: 2, memoryBytes: 8 * GB }, open, { slots: 1, threads: 2 }],
    [{ cores: 8, memoryBytes: 32 * GB }, open, { slots: 1, threads: 7 }],
    [{ cores: 16, memoryBytes: 64 * GB }, open, { slots: 2, threads: 7 }],
    [{ cores: 16, memoryBytes: 4 * GB }, open, { slots: 1, threads: 15 }],
    [
      { cores: 16, memoryBytes: 64 * GB },
      { slots: 4, threads: null },
      { slots: 4, threads: 3 },
    ],
    [
      { cores: 16, memoryBytes: 64 * GB },
      { slots: null, threads: 4 },
      { slots: 3, threads: 4 },
    ],
    [
      { cores: 2, memoryBytes: 8 * GB },
      { slots: 3, threads: 5 },
      { slots: 3, threads: 5 },
    ],
  ])('%j with %j works on %j', (machine, chosen, expected) => {
    expect(capacity(machine, chosen, GB)).toEqual(expected)
  })

  test('are always at least one, and never more threads than cores when Unjam chooses both', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 0, max: 8 }),
        (cores, memory, model) => {
          const { slots, threads } = capacity({ cores, memoryBytes: memory * GB }, open, model * GB)
          expect(slots).toBeGreaterThanOrEqual(1)
          expect(threads).toBeGreaterThanOrEqual(1)
          expect(slots * threads).toBeLessThanOrEqual(cores)
        },
      ),
    )
  })
})

describe('the desktop window', () => {
  function installed(): string {
    const root = temporary()
    mkdirSync(join(root, 'node_modules/electron/dist'), { recursive: true })
    writeFileSync(join(root, 'node_modules/electron/path.txt'), 'electron')
    writeFileSync(join(root, 'node_modules/electron/dist/electron'), '')
    return root
  }

  test('needs the program of Electron', () => {
    expect(desktopReady(temporary(), { DISPLAY: ':0' }, 'linux')).toEqual({
      can: false,
      because: "Electron's program is not installed",
    })
  })

  test('needs a display', () => {
    const root = installed()
    expect(desktopReady(root, {}, 'linux')).toEqual({ can: false, because: 'There is no display' })
    expect(desktopReady(root, { SESSIONNAME: 'Services' }, 'win32').can).toBe(false)
    const program = join(root, 'node_modules/electron/dist/electron')
    expect(desktopReady(root, { WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toEqual({ can: true, program })
    expect(desktopReady(root, { SESSIONNAME: 'RDP-Tcp#1' }, 'win32')).toEqual({ can: true, program })
  })
})
