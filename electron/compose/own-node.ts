// The Node that children start with: this one, or the one npm installed when this program is Electron.
import { join } from 'node:path'

/** Never process.execPath inside Electron: it is not Node there, and its RunAsNode fuse is off (DESIGN §3). */
export function ownNode(root: string): string {
  if (process.versions.electron === undefined) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const program = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', program)
}
