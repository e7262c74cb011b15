// A disk of a few hundred KiB that tests can fill: a tmpfs, where this account may mount one.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly path: string
  /** Takes all that is free, to the last byte. */
  fill(): void
  free(): void
}

let mountable: boolean | null = null
/** Whether tests that need a disk of their own can run here; asked once. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  if (mountable === null) {
    const disk = smallDisks()
    try {
      disk.mount(64)
      mountable = true
    } catch {
      mountable = false
    } finally {
      disk.remove()
    }
  }
  return mountable
}

/** `remove`, as an afterEach hook, unmounts all of them. */
export function smallDisks(): { mount(kib: number): SmallDisk; remove(): void } {
  const mounted: string[] = []
  return {
    mount(kib) {
      const folder = mkdtempSync(join(tmpdir(), 'unjam-test-disk-'))
      const path = join(folder, 'disk')
      mkdirSync(path)
      mounted.push(folder)
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', path], { stdio: 'pipe' })
      const filler = join(path, '.filler')
      return {
        path,
        fill() {
          for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
            for (;;) {
              try {
                writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' })
              } catch (error) {
                if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') break
                throw error
              }
            }
          }
        },
        free: () => rmSync(filler, { force: true }),
      }
    },
    remove() {
      for (const folder of mounted.splice(0)) {
        const path = join(folder, 'disk')
        try {
          execFileSync('umount', [path], { stdio: 'pipe' })
        } finally {
          rmdirSync(path)
          rmdirSync(folder)
        }
      }
    },
  }
}
