// A result file that is there whole or not at all: written beside its place, then renamed into it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { FailureError } from '../contract/failure.ts'

/** Replaces an existing file; nothing is left behind when the disk is full or the folder is missing. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.${process.pid}.part`
  try {
    const file = openSync(beside, 'wx')
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    const because = error instanceof Error ? error.message : String(error)
    throw new FailureError(
      { kind: 'refused', tried: 'Write the file', on: path, because, remedy: 'Choose another --out FILE.' },
      { cause: error },
    )
  }
}
