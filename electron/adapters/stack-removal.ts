// Removal of a stack's files: only what this installation writes, and only where it is still as it was written.
import { existsSync, lstatSync, readdirSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  engineSourceFiles,
  type StackSources,
  sha256Of,
  stackFiles,
  WHISPER,
  type WrittenFile,
} from './stack-folder.ts'

/**
 * Removes what is still as it was written; folders go when they are empty. The list comes from a receipt, and a receipt
 * is data: a path that no stack of this installation has, or one that leads through a link, is kept and reported.
 */
export async function removeStack(
  folder: string,
  files: readonly WrittenFile[],
  sources: StackSources,
): Promise<{ removed: number; kept: string[] }> {
  const known = new Set(stackFiles(sources))
  const kept: string[] = []
  let removed = 0
  for (const { path, sha256 } of files) {
    const file = join(folder, path)
    const ours = known.has(path) || /^models\/[^/\\]+\.bin$/.test(path)
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) continue
    if (ours && isPlainFile(folder, file) && (await sha256Of(file)) === sha256) {
      unlinkSync(file)
      removed++
    } else kept.push(path)
  }
  if (!(await removeEngineSource(folder, sources))) kept.push(WHISPER)
  const folders = new Set([...known].flatMap(parents))
  for (const name of [...folders, 'recordings', 'models'].sort((a, b) => b.length - a.length))
    removeEmpty(join(folder, name))
  removeEmpty(folder)
  return { removed, kept }
}

/** The copy of whisper.cpp is not in the receipt: a file goes when it equals the one it was copied from. */
async function removeEngineSource(folder: string, { whisper }: StackSources): Promise<boolean> {
  const copy = join(folder, WHISPER)
  const paths = existsSync(whisper) ? engineSourceFiles(whisper) : []
  for (const path of paths) {
    const file = join(copy, path)
    if (isPlainFile(folder, file) && (await sha256Of(file)) === (await sha256Of(join(whisper, path)))) unlinkSync(file)
  }
  for (const name of [...new Set(paths.flatMap(parents))].sort((a, b) => b.length - a.length))
    removeEmpty(join(copy, name))
  removeEmpty(copy)
  return !existsSync(copy)
}

/** A regular file that is in the folder by its real path too: no part of the way is a link. */
function isPlainFile(folder: string, file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false
  return realpathSync(file) === join(realpathSync(folder), relative(folder, file))
}

function parents(path: string): string[] {
  const up = dirname(path)
  return up === '.' ? [] : [up, ...parents(up)]
}

function removeEmpty(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
