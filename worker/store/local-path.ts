// A row may name its file as a container sees it; where that file is on this machine.
import { posix, win32 } from 'node:path'
import type { SharedFolder } from '../../electron/contract/worker-protocol.ts'

/** By the longest folder that holds it; a path in none of them is one of this machine already. */
export function localPath(path: string, folders: readonly SharedFolder[]): string {
  // Before it is compared: `..` must not lead out of the folder that was meant.
  const whole = path.startsWith('/') ? posix.normalize(path) : path
  const [folder] = folders
    .filter(({ inside }) => restOf(whole, inside) !== null)
    .toSorted((a, b) => b.inside.length - a.inside.length)
  if (folder === undefined) return path
  const { here } = folder
  const style = /^[a-z]:[\\/]|^\\\\/i.test(here) ? win32 : posix
  return style.join(here, ...(restOf(whole, folder.inside) ?? '').split('/'))
}

/** null when it is not in that folder. */
function restOf(path: string, inside: string): string | null {
  const folder = inside.replace(/\/+$/, '')
  return path === folder || path.startsWith(`${folder}/`) ? path.slice(folder.length) : null
}
