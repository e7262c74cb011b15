// What a process that was killed left behind: running children, scratch folders.
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sweepChildren } from '../../worker/children.ts'
import type { DataFolder } from './data-folder.ts'

/** Ends children whose owner has exited, and removes the scratch of commands that were killed. */
export async function sweep(folder: DataFolder): Promise<void> {
  mkdirSync(folder.children, { recursive: true, mode: 0o700 })
  await sweepChildren(folder.children)
  mkdirSync(folder.scratch, { recursive: true, mode: 0o700 })
  // Through a link, folders of another place would be removed.
  if (!lstatSync(folder.scratch).isDirectory()) return
  for (const name of readdirSync(folder.scratch)) {
    const [, pid] = /^(?:transcribe|worker)-(\d+)$/.exec(name) ?? []
    if (pid !== undefined && !alive(Number(pid))) rmSync(join(folder.scratch, name), { recursive: true, force: true })
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs under another account.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
