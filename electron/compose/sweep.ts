// What a process that was killed left behind: running children, scratch folders, unfinished files.
import { lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { sweepChildren } from '../../worker/children.ts'
import { removeUnfinished } from '../adapters/write-atomic.ts'
import type { DataFolder } from './data-folder.ts'

/** Ends children whose owner has exited, and removes the scratch and the half-copied models of commands that were killed. */
export async function sweep(folder: DataFolder): Promise<void> {
  mkdirSync(folder.children, { recursive: true, mode: 0o700 })
  await sweepChildren(folder.children)
  mkdirSync(folder.scratch, { recursive: true, mode: 0o700 })
  for (const name of leftIn(folder.scratch, 'folder', /^(?:transcribe|worker)-(\d+)$/))
    rmSync(join(folder.scratch, name), { recursive: true, force: true })
  // Both hold secrets, also as a text that a killed write never put in its place.
  for (const file of ['settings.json', 'secrets.json']) await removeUnfinished(join(folder.path, file))
  // As model-store.ts copies an import; a download's own part stays, for it is continued.
  for (const name of leftIn(folder.models, 'file', /\.bin\.(\d+)\.part$/)) unlinkSync(join(folder.models, name))
}

/** Names that say which process made them, of processes that have exited. None through a link: that is another place. */
function leftIn(folder: string, kind: 'file' | 'folder', name: RegExp): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const [, pid] = name.exec(entry.name) ?? []
    const right = kind === 'file' ? entry.isFile() : entry.isDirectory()
    return right && pid !== undefined && !alive(Number(pid)) ? [entry.name] : []
  })
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs under another account.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
