// A result file that is there whole or not at all: written beside its place, then renamed into it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { FailureError } from '../contract/failure.ts'

/**
 * Replaces an existing file; nothing is left behind when the disk is full or the folder is missing. `mode` as for `open`,
 * narrowed by the umask.
 */
export function writeWhole(path: string, text: string | Uint8Array, mode = 0o666): void {
  const write = (file: number, part: string) => {
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
  }
  beside(path, write, mode)
}

/** Throws what `writeWhole` would throw of this place: to be asked before hours of work whose result goes there. */
export function checkPlace(path: string): void {
  beside(path, (file) => {
    closeSync(file)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder')
  })
}

/** Opens a file beside `path` for `use`; it does not stay. */
function beside(path: string, use: (file: number, part: string) => void, mode = 0o666): void {
  const part = `${path}.${process.pid}.part`
  try {
    use(openSync(part, 'wx', mode), part)
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw new FailureError(
      { kind: 'refused', tried: 'Write the file', on: path, because, remedy: 'Choose another --out FILE.' },
      { cause: error },
    )
  } finally {
    rmSync(part, { force: true })
  }
}
